"""Django's admin: inside the chosen organisation, for its administrators."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_tenants.utils import tenant_context

from cdp.lib import schedules
from organisations.admin_base import FoyerAdmin, LedgerAdmin, OrganisationAdmin
from organisations.admin_site import FoyerAdminSite
from organisations.audit.models import AccessEntry, AuditEntry
from organisations.audit.verbs import record
from organisations.models import Membership, Organisation, User
from organisations.tasks import forget_ended_visits
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db
INDEX = reverse("admin:index")
REGISTERED = sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label_lower)
every_model = pytest.mark.parametrize(
    "model", [model for model, _ in REGISTERED], ids=lambda model: model._meta.label_lower
)


def lists(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def of_the_organisation(model: type[models.Model]) -> bool:
    return isinstance(admin.site._registry[model], OrganisationAdmin)


@pytest.fixture
def olga(db: None) -> User:
    return User.objects.create_user("olga@example.org", name="Olga", is_operator=True)


def test_it_uses_the_sign_in_with_two_factor_and_limits(client: Client) -> None:
    assert isinstance(admin.site, FoyerAdminSite)
    answer = client.get(INDEX, follow=True)
    assert answer.redirect_chain[-1][0] == f"{reverse('account_login')}?next=/admin/"


def test_it_asks_which_organisation(alice: User, borealis: Organisation, client_for: ClientFor) -> None:
    Membership.objects.create(user=alice, organisation=borealis, role="administrator")
    answer = client_for(alice, None).get(INDEX, follow=True)
    assert answer.redirect_chain[-1][0] == f"{reverse('organisation')}?next=%2Fadmin%2F"


@pytest.mark.parametrize("role", ["marketer", "customer_service", "privacy_lead"])
def test_it_is_closed_to_other_roles(
    role: str, bob: User, aurora: Organisation, client_for: ClientFor
) -> None:
    Membership.objects.filter(user=bob).update(role=role)
    assert client_for(bob, aurora).get(INDEX, follow=True).status_code == 403


@every_model
def test_administrators_see_what_is_their_organisations(
    model: type[models.Model], alice: User, aurora: Organisation, client_for: ClientFor
) -> None:
    expected = 200 if of_the_organisation(model) else 403
    assert client_for(alice, aurora).get(lists(model)).status_code == expected


@every_model
def test_operators_see_what_is_nobodys(model: type[models.Model], olga: User, client_for: ClientFor) -> None:
    """No 500 either: without an organisation its tables are not there to be read."""
    expected = 403 if of_the_organisation(model) else 200
    assert client_for(olga, None).get(lists(model)).status_code == expected


def test_it_takes_no_admin_but_those_on_our_bases() -> None:
    assert [model for model, base in REGISTERED if not isinstance(base, FoyerAdmin)] == []
    with pytest.raises(ImproperlyConfigured):
        FoyerAdminSite().register(AuditEntry)


def test_it_shows_the_rows_of_the_chosen_organisation_only(
    alice: User, aurora: Organisation, borealis: Organisation, client_for: ClientFor
) -> None:
    with tenant_context(borealis):
        foreign = record(actor=None, verb="test.done", target="only-in-borealis")
    client = client_for(alice, aurora)
    assert "only-in-borealis" not in client.get(lists(AuditEntry)).content.decode()
    one = client.get(reverse("admin:audit_auditentry_change", args=[foreign.pk]))
    assert one.status_code == 302


def test_a_ledger_cannot_be_touched(alice: User, aurora: Organisation, client_for: ClientFor) -> None:
    client = client_for(alice, aurora)
    with tenant_context(aurora):
        entry = record(actor=None, verb="test.done", target="x")
    assert client.get(reverse("admin:audit_auditentry_add")).status_code == 403
    for action in ("change", "delete"):
        url = reverse(f"admin:audit_auditentry_{action}", args=[entry.pk])
        assert client.post(url, {"verb": "other", "post": "yes"}).status_code == 403


class Marked(OrganisationAdmin[AccessEntry]):
    """An admin whose rows show people."""

    def profile_ids(self, shown: Any) -> list[int]:
        return [number for entry in shown for number in entry.profile_ids]


@pytest.fixture
def request_of_alice(alice: User, aurora: Organisation, rf: Any) -> HttpRequest:
    request: HttpRequest = rf.get("/")
    request.user = alice
    request.membership = Membership.objects.get(user=alice)  # type: ignore[attr-defined]
    return request


def test_looking_at_people_is_written_down(
    in_aurora: Organisation, alice: User, request_of_alice: HttpRequest
) -> None:
    entry = AccessEntry.objects.create(user_label="x", screen="x", profile_ids=[4])
    Marked(AccessEntry, admin.site).get_object(request_of_alice, str(entry.pk))
    seen = AccessEntry.objects.latest("id")
    assert (seen.user_id, seen.profile_ids, seen.screen) == (alice.pk, [4], "admin:audit.accessentry")


def test_looking_at_a_list_of_people_is_written_down(
    in_aurora: Organisation, alice: User, request_of_alice: HttpRequest
) -> None:
    AccessEntry.objects.create(user_label="x", screen="x", profile_ids=[4])
    AccessEntry.objects.create(user_label="x", screen="x", profile_ids=[5])
    Marked(AccessEntry, admin.site).changelist_view(request_of_alice)
    seen = AccessEntry.objects.latest("id")
    assert (sorted(seen.profile_ids), seen.result_size) == ([4, 5], 2)


def test_changes_go_to_the_audit_log_and_not_to_djangos(
    in_aurora: Organisation, request_of_alice: HttpRequest
) -> None:
    entry = AccessEntry.objects.create(user_label="x", screen="x")
    model_admin = Marked(AccessEntry, admin.site)
    model_admin.log_addition(request_of_alice, entry, [{"added": {}}])
    model_admin.log_change(request_of_alice, entry, [{"changed": {"fields": ["Screen"]}}])
    model_admin.log_deletions(request_of_alice, AccessEntry.objects.all())
    assert [e.verb for e in AuditEntry.objects.order_by("id")] == [
        "admin.added",
        "admin.changed",
        "admin.removed",
    ]
    assert AuditEntry.objects.latest("id").target == f"audit.accessentry:{entry.pk}"
    assert not LogEntry.objects.exists()


def test_ledgers_are_ledgers() -> None:
    for model in (AuditEntry, AccessEntry):
        assert isinstance(admin.site._registry[model], LedgerAdmin)


def test_its_pages_allow_no_inline_code(alice: User, aurora: Organisation, client_for: ClientFor) -> None:
    import re

    client = client_for(alice, aurora)
    for url in (INDEX, lists(AuditEntry)):
        text = client.get(url).content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)


def test_an_operator_pauses_what_runs_by_itself(olga: User, client_for: ClientFor) -> None:
    schedules.write()
    task = PeriodicTask.objects.get(name="foyer: forget ended visits")
    url = reverse("admin:django_celery_beat_periodictask_change", args=[task.pk])
    client = client_for(olga, None)
    assert client.get(url).status_code == 200
    assert client.post(url, {"name": "other", "task": "other"}).status_code == 302
    task.refresh_from_db()
    assert (task.enabled, task.name) == (False, "foyer: forget ended visits")


def test_ended_visits_are_forgotten(alice: User, aurora: Organisation, client_for: ClientFor) -> None:
    ended, going_on = client_for(alice, aurora).session, client_for(alice, aurora).session
    Session.objects.filter(pk=ended.session_key).update(expire_date=timezone.now() - timedelta(minutes=1))
    forget_ended_visits()
    assert list(Session.objects.values_list("pk", flat=True)) == [going_on.session_key]


@pytest.mark.parametrize(
    ("path", "offered"),
    [
        ("/admin/organisations/user/?password__startswith=", "/admin/organisations/user/?is_active__exact=1"),
        ("/admin/organisations/invitation/?token_hash__startswith=", "/admin/organisations/invitation/"),
    ],
)
def test_what_no_page_shows_is_not_found_out_by_filtering(
    path: str, offered: str, olga: User, client_for: ClientFor
) -> None:
    """A letter at a time, by whether the list is empty."""
    client = client_for(olga, None)
    assert client.get(f"{path}a").status_code == 400
    assert client.get(offered).status_code == 200


def test_a_webhooks_address_is_not_found_out_by_filtering(
    alice: User, aurora: Organisation, client_for: ClientFor
) -> None:
    client = client_for(alice, aurora)
    assert client.get("/admin/integrations/connection/?webhook_secret__startswith=a").status_code == 400
    assert client.get("/admin/integrations/run/?connection__id__exact=1&state__exact=done").status_code == 200


@every_model
def test_every_filter_that_is_offered_works(
    model: type[models.Model], alice: User, aurora: Organisation, client_for: ClientFor
) -> None:
    User.objects.filter(pk=alice.pk).update(is_operator=not of_the_organisation(model))
    client = client_for(alice, aurora)
    page = client.get(lists(model))
    for spec in page.context["cl"].filter_specs:
        for choice in spec.choices(page.context["cl"]):
            assert client.get(lists(model) + choice["query_string"]).status_code == 200
