"""A worker in a process of its own, for tests that kill it.

Prints a line before every unit, so that the test knows where it is, and slows the ingest down enough to
be hit in the middle of a parcel.
"""

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection  # noqa: E402
from django_tenants.utils import tenant_context  # noqa: E402

from integrations import connectors, runs  # noqa: E402
from integrations.runs import pulling, taking_in  # noqa: E402
from organisations.models import Organisation  # noqa: E402

connectors.CONNECTORS = ("tests.fakes.till_connector.TillConnector",)
pulling.PARCEL_ROWS = taking_in.PARCEL_ROWS = 10


def main(schema: str, run_id: int) -> None:
    organisation = Organisation.objects.get(schema_name=schema)
    counted = taking_in._count

    def slowly(*args: object) -> None:
        print("in a parcel", flush=True)
        time.sleep(2)
        counted(*args)  # type: ignore[arg-type]

    taking_in._count = slowly  # type: ignore[assignment]
    with tenant_context(organisation):
        while runs.advance(run_id).more:
            print("unit done", flush=True)
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
