"""A worker of its own, for tests that take the database away under it: see `test_database`.

`start ADDRESS` makes a pretix connection and a run and prints its id; `work RUN` advances the run until
it is over; `tell RUN` prints what came of it, as JSON. DATABASE_URL says where. Like a background worker
it does one unit at a time, and when a unit dies of the database it is called again.
"""

from __future__ import annotations

import json
import sys
import time

import psycopg
from django.db import DatabaseError, InterfaceError, connection
from django_tenants.utils import tenant_context

from integrations import runs
from integrations.models import Connection, Run, Trigger
from integrations.runs import failing, pulling, taking_in
from integrations.runs.account import account
from organisations.models import Organisation
from profiles.models import Order, OrderLine, Profile, SourceRecord

# Small steps and short pauses, so that a restart falls into every part of the work.
vars(taking_in)["PARCEL_ROWS"] = 40
pulling.UNIT_SECONDS = 0.2
failing.FIRST_WAIT = 0.05
PATIENCE = 120


def start(address: str) -> None:
    from tests.pretix.conftest import new_source

    made = Connection(connector="pretix", name="pretix", slug="pretix", source=new_source())
    made.config = {"base_url": address, "organizer": "kulturhus"}
    made.secrets = {"token": "right-token"}
    made.save()
    print(runs.start(connection=made, trigger=Trigger.MANUAL).pk)


def work(run_id: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            print(".", end="", flush=True)  # at work
            outcome = runs.advance(run_id)
            if not outcome.more and not Run.objects.filter(pk=run_id).live().exists():
                return
        except (
            DatabaseError,
            InterfaceError,
            psycopg.Error,
        ) as error:  # the task dies, the sweeper calls anew
            print(type(error).__name__, flush=True)
            connection.close()
        time.sleep(0.02)


def tell(run_id: int) -> None:
    counts = {model.__name__: model.objects.count() for model in (Order, OrderLine, Profile, SourceRecord)}
    run = Run.objects.get(pk=run_id)
    print(json.dumps(account(run) | {"counts": counts, "cursor": bool(run.connection.cursor)}))


def main() -> None:
    verb, argument = sys.argv[1:]
    with tenant_context(Organisation.objects.get(slug="aurora")):
        if verb == "start":
            start(argument)
        elif verb == "work":
            work(int(argument))
        else:
            tell(int(argument))
