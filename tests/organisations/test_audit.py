"""The audit log and the access log."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse
from django_tenants.utils import tenant_context

from organisations.audit import labels, people
from organisations.audit.models import AccessEntry, AuditEntry
from organisations.audit.people import Shown
from organisations.audit.verbs import looked, record
from organisations.models import Membership, Organisation, User
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db
AUDIT, LOOKS = reverse("settings_audit"), reverse("settings_looks")


@pytest.fixture
def alices(alice: User, aurora: Organisation, client_for: ClientFor) -> Client:
    return client_for(alice, aurora)


@pytest.mark.parametrize("table", ["audit_auditentry", "audit_accessentry"])
@pytest.mark.parametrize("change", ["update {} set screen_or_verb = 'x'", "delete from {}", "truncate {}"])
def test_no_line_can_be_changed_or_deleted(
    in_aurora: Organisation, alice: User, table: str, change: str
) -> None:
    record(actor=alice, verb="test.done", target="x")
    looked(user=alice, profile_ids=[1], screen="person")
    column = "verb" if table == "audit_auditentry" else "screen"
    statement = change.format(table).replace("screen_or_verb", column)
    refused = pytest.raises(DatabaseError, match="append-only")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.count() == AccessEntry.objects.count() == 1


def test_a_line_knows_who_as_what(in_aurora: Organisation, alice: User, bob: User) -> None:
    assert record(actor=bob, verb="run.undone", target="Run 3").role == "marketer"
    assert record(actor=None, verb="run.finished", target="Run 3").actor_label == "Foyer"


def test_a_line_outlives_its_user(in_aurora: Organisation, bob: User) -> None:
    """It holds number and name of that time; nothing points at the user, so nothing can cascade."""
    record(actor=bob, verb="run.undone", target="Run 3")
    looked(user=bob, profile_ids=[1], screen="person")
    User.objects.filter(pk=bob.pk).update(name="Robert")
    assert AuditEntry.objects.get().actor_label == "Bob"
    assert AccessEntry.objects.get().user_label == "Bob"
    assert not any(field.is_relation for model in (AuditEntry, AccessEntry) for field in model._meta.fields)


def test_each_organisation_has_its_own(alice: User, aurora: Organisation, borealis: Organisation) -> None:
    with tenant_context(aurora):
        record(actor=alice, verb="test.done", target="x")
    with tenant_context(borealis):
        assert not AuditEntry.objects.exists()


def test_a_look_at_a_list_keeps_its_size(in_aurora: Organisation, bob: User) -> None:
    entry = looked(user=bob, profile_ids=range(10), screen="people", result_size=200_000)
    assert (entry.result_size, entry.profile_ids) == (200_000, list(range(10)))
    assert looked(user=bob, profile_ids=[4, 5], screen="people").result_size == 2


def targets(client: Client, query: str = "") -> list[str]:
    return [entry.target for entry in client.get(f"{AUDIT}?{query}").context["page"].rows]


def test_the_page_filters_by_what_whom_and_whose(
    alices: Client, aurora: Organisation, alice: User, bob: User
) -> None:
    with tenant_context(aurora):
        record(actor=alice, verb="member.invited", target="one@example.org")
        record(actor=bob, verb="member.removed", target="two@example.org")
        record(actor=None, verb="member.removed", target="three@example.org")
    assert targets(alices, "verb=member.invited") == ["one@example.org"]
    assert targets(alices, f"person={bob.pk}") == ["two@example.org"]
    assert targets(alices, "person=system") == ["three@example.org"]
    assert targets(alices, "q=TWO@") == ["two@example.org"]
    assert len(targets(alices, "verb=nonsense")) == 3


def test_its_days_are_those_of_the_organisation(alices: Client, aurora: Organisation) -> None:
    """Half past midnight in Oslo is the day before in UTC."""
    moment = dt.datetime(2026, 11, 24, 0, 30, tzinfo=ZoneInfo("Europe/Oslo"))
    with tenant_context(aurora):
        AuditEntry.objects.create(at=moment, actor_label="x", verb="test.done", target="late")
    assert targets(alices, "since=2026-11-24&until=2026-11-24") == ["late"]
    assert targets(alices, "until=2026-11-23") == []
    assert targets(alices, "since=2026-11-25") == []


def test_it_pages_through_everything_once(alices: Client, aurora: Organisation) -> None:
    with tenant_context(aurora):
        for number in range(120):
            record(actor=None, verb="test.done", target=f"no. {number}")
    seen: list[str] = []
    query = "?"
    while query:
        page = alices.get(f"{AUDIT}{query}").context["page"]
        seen += [entry.target for entry in page.rows]
        query = page.older
    assert seen == [f"no. {number}" for number in reversed(range(120))]


def test_its_filters_stay_while_paging(alices: Client, aurora: Organisation) -> None:
    with tenant_context(aurora):
        for number in range(60):
            record(actor=None, verb="member.removed" if number % 2 else "member.invited", target="x")
            record(actor=None, verb="member.removed", target="y")
    page = alices.get(f"{AUDIT}?verb=member.removed").context["page"]
    older = alices.get(f"{AUDIT}{page.older}").context["page"]
    assert {entry.verb for entry in [*page.rows, *older.rows]} == {"member.removed"}
    assert len(page.rows) + len(older.rows) == 90


def test_a_verb_nobody_named_shows_as_it_is(alices: Client, aurora: Organisation) -> None:
    with tenant_context(aurora):
        record(actor=None, verb="comet.seen", target="x")
    assert "comet.seen" in alices.get(AUDIT).content.decode()


def test_what_others_wrote_is_shown_as_text(alices: Client, aurora: Organisation) -> None:
    with tenant_context(aurora):
        record(actor=None, verb="test.done", target="<img src=x>", summary={"name": "<b>x</b>"})
    page = alices.get(AUDIT).content.decode()
    assert "<img" not in page.split("<main")[1]
    assert "&lt;b&gt;x&lt;/b&gt;" in page


class TestWhoLooked:
    @pytest.fixture(autouse=True)
    def seen(self, aurora: Organisation, alice: User, bob: User) -> None:
        with tenant_context(aurora):
            looked(user=bob, profile_ids=[7], screen="person", purpose="Called us")
            looked(user=alice, profile_ids=[7, 8, 9, 10], screen="people", result_size=4)
            looked(user=bob, profile_ids=[11], screen="person")

    def screens(self, client: Client, query: str = "") -> list[str]:
        rows = client.get(f"{LOOKS}?{query}").context["page"].rows
        return [f"{entry.user_label} {entry.screen}" for entry in rows]

    def test_it_answers_who_looked_at_somebody(self, alices: Client) -> None:
        assert self.screens(alices, "profile=7") == ["Alice people", "Bob person"]
        assert self.screens(alices, "profile=12") == []

    def test_it_answers_at_whom_somebody_looked(self, alices: Client, bob: User) -> None:
        assert self.screens(alices, f"person={bob.pk}") == ["Bob person", "Bob person"]

    def test_the_privacy_lead_reads_it_and_the_marketer_does_not(
        self, aurora: Organisation, bob: User, client_for: ClientFor
    ) -> None:
        client = client_for(bob, aurora)
        assert client.get(LOOKS).status_code == 403
        Membership.objects.filter(user=bob).update(role="privacy_lead")
        assert client.get(LOOKS).status_code == 200

    def test_it_names_people_where_profiles_can(
        self, alices: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def names(ids: object) -> dict[int, Shown]:
            return {7: Shown("Kari Nordmann", "/people/x/")}

        monkeypatch.setattr(people, "_resolver", [names])
        page = alices.get(LOOKS).content.decode()
        assert '<a href="/people/x/">Kari Nordmann</a>' in page
        assert "No. 8" in page


def test_every_verb_of_this_room_has_a_name() -> None:
    import re
    from pathlib import Path

    source = (Path(labels.__file__).parents[1] / "verbs.py").read_text()
    used = set(re.findall(r'"((?:organisation|member|invitation|token)\.\w+)"', source))
    assert used
    assert used <= set(labels.all_labels())


def test_a_number_beyond_all_numbers_finds_nothing(alices: Client) -> None:
    for page in (AUDIT, LOOKS):
        assert alices.get(page, {"profile": "9" * 20, "before": "9" * 20}).status_code == 200
