"""A worker killed while it sends: what was sent and not written down is sent again, and nothing doubles."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from integrations import runs
from integrations.mailchimp.models import AudienceMember, Plan, PlanItem
from integrations.mailchimp.standin.audience import Audience
from integrations.models import Connection, Trigger
from tests.fakes.mailchimp import statuses
from tests.mailchimp.conftest import person, sell, work

PEOPLE = [f"p{number}@example.no" for number in range(10)]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_sending_doubles_nothing(newsletter: Connection, audience: Audience) -> None:
    sell(*(person(address, f"Given{n}", customer=f"c{n}") for n, address in enumerate(PEOPLE)))
    run = runs.start(connection=newsletter, trigger=Trigger.MANUAL)
    place = connection.settings_dict
    address = f"postgresql:///{place['NAME']}?host={place['HOST']}&user={place['USER']}"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.mailchimp.worker_process", connection.schema_name, str(run.pk)],  # type: ignore[attr-defined]
        env={**os.environ, "DATABASE_URL": address, "FOYER_ALLOW_PRIVATE_HOSTS": "1"},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = [process.stdout.readline().strip() for _ in range(3)]
    assert said == ["sent", "written down", "sent"]
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (len(audience.members), PlanItem.objects.filter(state="done").count()) == (6, 3)
    work(run)
    assert statuses(audience) == dict.fromkeys(PEOPLE, "transactional")
    assert set(PlanItem.objects.values_list("state", "attempts")) == {("done", 1)}
    assert AudienceMember.objects.count() == Plan.objects.get().contacts == 10
