"""What had been sent before a run was undone is listed, and the next plan corrects it."""

from __future__ import annotations

import pytest
from django.test import Client

from integrations.models import Connection, RunState
from integrations.runs import undoing
from organisations.audit.models import AccessEntry
from organisations.models import Organisation, User
from profiles.models import Identifier, Source
from tests.conftest import ClientFor
from tests.fakes.mailchimp import KEY, mailchimp, tags
from tests.fakes.till import Till
from tests.integrations.conftest import run_now


@pytest.fixture
def alices(client_for: ClientFor, alice: User, in_aurora: Organisation) -> Client:
    return client_for(alice, in_aurora)


def test_contacts_that_were_sent_meanwhile_are_listed_and_corrected(
    tills: Connection, box_office: Till, alice: User, alices: Client
) -> None:
    with mailchimp() as standin:
        newsletter = Connection(
            connector="mailchimp",
            name="Newsletter",
            slug="newsletter",
            source=Source.objects.create(name="Newsletter", slug="newsletter"),
            config={"audience": standin.audience(KEY).id, "base_url": standin.base},
        )
        newsletter.secrets = {"api_key": KEY}
        newsletter.save()
        box_office.sell(2)
        run_now(tills)
        box_office.sell(3)
        wrong = run_now(tills)
        sent = run_now(newsletter)
        assert sent.state == RunState.DONE, sent.reason
        assert len(standin.audience(KEY).members) == 5

        assert tags(standin.audience(KEY), "kari4@example.no") == {"Show: Peer Gynt 1 2026"}
        page = alices.get(f"/runs/{wrong.pk}/undo/").content.decode()
        assert "3 of them have been sent to newsletter since" in page
        undoing.undo(run=wrong, actor=alice)
        wrong.refresh_from_db()
        left = Identifier.objects.filter(pk__in=wrong.aftermath["written"]["newsletter"])
        assert {contact.value for contact in left} == {f"kari{number}@example.no" for number in (3, 4, 5)}
        shown = alices.get(f"/runs/{wrong.pk}/").content.decode()
        assert "3 contacts had already been sent to newsletter" in shown
        assert "example" in shown.partition("already been sent")[2]
        look = AccessEntry.objects.get(screen="run.written")
        assert (look.user_id, look.purpose, look.result_size) == (alice.pk, f"run {wrong.pk}", 3)

        corrected = run_now(newsletter)
        assert corrected.state == RunState.DONE, corrected.reason
        assert tags(standin.audience(KEY), "kari4@example.no") == set()
        assert tags(standin.audience(KEY), "kari1@example.no") == {"Show: Peer Gynt 1 2026"}
