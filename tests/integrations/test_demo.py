"""The example organisations come through the front door, once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection as database
from django_tenants.utils import tenant_context

from consent.models import CollectionPoint, ContactAnswer
from integrations import connectors
from integrations.demo.build import build
from integrations.mailchimp.models import Plan
from integrations.mailchimp.standin import Standin
from integrations.models import Alarm, Connection, Run, RunState
from integrations.runs.account import equation
from organisations.models import Membership, Organisation
from organisations.roles import Role
from profiles.models import MatchPair, Order, Profile, Source

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def mailchimp(settings: object) -> Iterator[str]:
    settings.FOYER_ALLOW_PRIVATE_HOSTS = True  # type: ignore[attr-defined]
    connectors.registry.cache_clear()
    with Standin() as standin:
        yield standin.base


def test_it_makes_two_organisations_whose_morning_has_run(mailchimp: str) -> None:
    said: list[str] = []
    build(said.append, mailchimp=mailchimp)
    houses = list(Organisation.objects.filter(is_demo=True).order_by("slug"))
    assert [(house.slug, house.country, house.time_zone) for house in houses] == [
        ("fjordscenen", "NO", "Europe/Oslo"),
        ("havnens-musikhus", "DK", "Europe/Copenhagen"),
    ]
    for house in houses:
        with tenant_context(house):
            _has_run(house)
    with tenant_context(houses[0]):
        pretix = Run.objects.get(connection__slug="pretix")
        assert equation(pretix)["read"] == equation(pretix)["created"] == 94
    # houses, files of each, who is who, a newsletter each, a form that is tested
    assert len(said) == 2 + 4 + 2 + 2 + 2 + 1
    assert any("B asks better" in line for line in said)
    with tenant_context(houses[0]):
        assert MatchPair.objects.filter(state="open").exists()
        assert Source.objects.order_by("trust", "name").last() == Source.objects.get(kind="club")

    said.clear()
    runs_before = _runs(houses)
    build(said.append, mailchimp=mailchimp)
    assert (said, _runs(houses)) == ([], runs_before)


def _has_run(house: Organisation) -> None:
    sources = Run.objects.exclude(connection__connector="mailchimp")
    assert {run.state for run in sources} == {RunState.DONE}
    assert Profile.objects.count() > 50
    assert Order.objects.exists()
    plan = Plan.objects.get()
    assert (plan.run.state, plan.contacts > 0) == (RunState.WAITING, True)
    assert ContactAnswer.objects.may_be_mailed().exists()
    assert not CollectionPoint.objects.exclude(pk__in=CollectionPoint.objects.verified()).exists()
    assert Membership.objects.get(organisation=house).role == Role.PRIVACY_LEAD
    assert not Connection.objects.scheduled().exists()
    assert not Alarm.objects.exists()


def _runs(houses: list[Organisation]) -> int:
    total = 0
    for house in houses:
        with tenant_context(house):
            total += Run.objects.count()
    database.set_schema_to_public()  # type: ignore[attr-defined]
    return total


def test_without_a_stand_in_there_is_no_newsletter() -> None:
    build(lambda _: None, mailchimp="")
    with tenant_context(Organisation.objects.get(slug="fjordscenen")):
        assert not Connection.objects.filter(connector="mailchimp").exists()
        assert Run.objects.count() == 4
