"""The journal on the person page: what was decided, by whom, and what this page may take back."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from organisations.audit.models import AccessEntry
from organisations.models import Organisation, User
from profiles.identity import verbs
from profiles.identity.pages.person import journal_of
from profiles.models import IdentityAct, Profile, SourceRecord
from tests.conftest import ClientFor
from tests.profiles.acts import WHO, a_record, person_of
from tests.profiles.sample import deliver, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


@pytest.fixture
def browser(alice: User, aurora: Organisation, client_for: ClientFor) -> Client:
    return client_for(alice, aurora)


def tab(browser: Client, person: Profile) -> str:
    address = reverse("profiles:person", args=[person.public_id])
    return browser.get(address, {"tab": "journal"}).content.decode()


def two_alike() -> None:
    a_record("a", email="a@example.no", name="Kari Li")
    a_record("b", email="b@example.no", name="Kari Li")


def test_somebody_about_whom_nothing_was_decided(browser: Client) -> None:
    deliver([ticket(1, email="kari@example.no")])
    assert "Nothing was ever decided about this person" in tab(browser, Profile.objects.get())


def test_a_merge_is_told_with_name_reason_and_what_moved(browser: Client) -> None:
    two_alike()
    verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO, reason="<i>told us</i>")
    text = tab(browser, person_of("a"))
    assert "Merged" in text
    assert "Alice" in text
    assert "&lt;i&gt;told us&lt;/i&gt;" in text
    assert "1 record of Source-B" in text


def test_what_was_taken_back_says_so_and_cannot_be_taken_back_again(browser: Client) -> None:
    two_alike()
    act = verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO)
    [told] = journal_of(person_of("a"))["told"]
    assert told.can_undo
    route = reverse("identity:undo", args=[act.pk])
    assert f'action="{route}"' in tab(browser, person_of("a"))
    assert browser.post(route).status_code == 302
    assert person_of("a") != person_of("b")
    assert not any(told.can_undo for told in journal_of(person_of("a"))["told"])
    text = tab(browser, person_of("a"))
    assert "Taken back by Alice" in text
    assert route not in text


def test_a_nightly_run_is_about_many_and_not_taken_back_from_one_persons_page() -> None:
    two_alike()
    a, b = (SourceRecord.objects.get(external_id=key).pk for key in "ab")
    verbs.bulk_link(pairs=[(a, b, 12.5, 0.9993, None)], actor="", kind=IdentityAct.Kind.MATCH)
    [told] = journal_of(person_of("a"))["told"]
    assert (told.entry.certainty, told.can_undo) == (0.9993, False)


def test_whoever_else_the_journal_names_is_in_the_log_of_who_saw_whom(browser: Client) -> None:
    two_alike()
    act = verbs.merge(profiles=[person_of("a"), person_of("b")], actor=WHO)
    verbs.undo(act=act, actor=WHO)
    tab(browser, person_of("a"))
    assert set(AccessEntry.objects.latest("pk").profile_ids) == {person_of("a").pk, person_of("b").pk}
