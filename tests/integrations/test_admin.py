"""The admin shows this room's rows to administrators, without keys and without the rows of people."""

from __future__ import annotations

import pytest

from integrations.models import Connection, Upload
from organisations.models import Organisation, User
from tests.conftest import ClientFor
from tests.fakes.till import Till
from tests.integrations.conftest import run_now

MODELS = ("connection", "run", "runstep", "alarm", "upload", "webhookdelivery")


@pytest.mark.parametrize("model", MODELS)
def test_an_administrator_may_look(
    client_for: ClientFor,
    alice: User,
    in_aurora: Organisation,
    tills: Connection,
    box_office: Till,
    model: str,
) -> None:
    box_office.sell(1)
    run_now(tills)
    assert client_for(alice, in_aurora).get(f"/admin/integrations/{model}/").status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_a_marketer_may_not(client_for: ClientFor, bob: User, in_aurora: Organisation, model: str) -> None:
    assert client_for(bob, in_aurora).get(f"/admin/integrations/{model}/").status_code != 200


def test_secrets_and_rows_are_not_on_it(
    client_for: ClientFor, alice: User, in_aurora: Organisation, tills: Connection
) -> None:
    client = client_for(alice, in_aurora)
    page = client.get(f"/admin/integrations/connection/{tills.pk}/change/").content.decode()
    assert tills.webhook_secret not in page
    assert tills.sealed not in page
    upload = Upload(noun="people", name="people.csv")
    upload.set_rows([{"email": "ase@example.no"}])
    upload.save()
    assert "ase@" not in client.get(f"/admin/integrations/upload/{upload.pk}/change/").content.decode()
