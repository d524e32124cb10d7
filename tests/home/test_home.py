"""The home page and the first-run guide."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from integrations import home
from integrations.models import Connection, Run
from organisations import charts, example
from organisations.models import Organisation, User
from organisations.roles import CAPABILITIES, Role
from profiles.models import DailyCount, Source
from tests.conftest import ClientFor
from tests.profiles.sample import deliver, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]
TODAY = date(2026, 11, 24)


@pytest.fixture
def browser(alice: User, aurora: Organisation, client_for: ClientFor) -> Client:
    return client_for(alice, aurora)


def count(days_ago: int, value: int, measure: str = "new_people", slug: str = "tickets") -> None:
    source, _ = Source.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
    day = TODAY - timedelta(days=days_ago)
    DailyCount.objects.create(day=day, source=source, measure=measure, value=value)


def test_new_people_are_compared_with_the_thirty_days_before() -> None:
    for days_ago, value in ((0, 10), (29, 20), (30, 15), (59, 5), (60, 99)):
        count(days_ago, value)
    trend = home.new_people(home.daily_counts(TODAY), TODAY)
    assert (trend.value, trend.before, trend.percent) == (30, 20, 50)


def test_without_anybody_before_there_is_nothing_to_compare() -> None:
    count(1, 10)
    assert home.new_people(home.daily_counts(TODAY), TODAY).percent is None


def test_the_chart_has_every_day_the_empty_ones_too() -> None:
    count(0, 7)
    count(3, 5, slug="tickets")
    count(3, 4, slug="shop")
    points = home.chart(home.daily_counts(TODAY), TODAY).points
    assert [point.value for point in points[-4:]] == [9, 0, 0, 7]
    assert len(points) == 30


def test_activity_counts_by_source_the_busiest_first() -> None:
    count(2, 3, "orders", "shop")
    count(40, 50, "orders", "shop")
    count(1, 10, "orders", "tickets")
    count(1, 4, "new_people", "tickets")
    busy, quiet = home.activity(home.daily_counts(TODAY), TODAY)
    assert (busy.source.slug, busy.orders, busy.new_people) == ("tickets", 10, 4)
    assert (quiet.orders, [bar.value for bar in quiet.weeks][-6:]) == (3, [50, 0, 0, 0, 0, 3])


@pytest.mark.parametrize(
    ("largest", "ceiling"), [(0, 4), (3, 4), (4, 4), (5, 8), (29, 40), (1684, 2000), (2001, 4000)]
)
def test_an_axis_ends_at_a_round_number(largest: int, ceiling: int) -> None:
    assert charts.top([largest]) == ceiling


def test_numbers_in_drawings_keep_their_point_in_every_language() -> None:
    count(0, 7)
    with translation.override("nb"):
        drawn = render_to_string("home/_chart.html", {"chart": home.chart(home.daily_counts(TODAY), TODAY)})
    assert 'x="33.33"' in drawn
    assert 'x="33,33"' not in drawn


def test_the_page_reads_no_event_and_no_order(browser: Client) -> None:
    deliver([ticket(1, email="kari@example.no")])
    with CaptureQueriesContext(connection) as captured:
        page = browser.get(reverse("integrations:home"))
    assert page.context["people"] == 1
    asked = " ".join(query["sql"] for query in captured)
    for table in ("profiles_event", "profiles_order", "profiles_orderline", "profiles_sourcerecord"):
        assert f'"{table}"' not in asked


def test_who_may_not_see_runs_is_shown_none(aurora: Organisation) -> None:
    shown = home.home(aurora, CAPABILITIES[Role.CUSTOMER_SERVICE])
    assert "lines" not in shown
    assert "lines" in home.home(aurora, CAPABILITIES[Role.MARKETER])


def test_the_guide_knows_what_is_done(browser: Client) -> None:
    steps = browser.get(reverse("integrations:guide")).context["steps"]
    assert [step.done for step in steps] == [True, True, False, False, False]
    assert [step.next for step in steps] == [False, False, True, False, False]


def test_an_example_leads_on_to_an_organisation_of_ones_own(
    browser: Client, alice: User, aurora: Organisation
) -> None:
    Organisation.objects.filter(pk=aurora.pk).update(is_demo=True)
    url = reverse("integrations:guide")
    assert b"Ask the operator" in browser.get(url).content
    User.objects.filter(pk=alice.pk).update(is_operator=True)
    assert browser.get(url).context["steps"][-1].url == reverse("organisation_new")


def test_only_example_data_can_be_removed_with_one_click(
    browser: Client, alice: User, aurora: Organisation
) -> None:
    assert browser.post(reverse("integrations:remove_example")).status_code == 404
    with pytest.raises(example.NotAnExample):
        example.remove(actor=alice, organisation=aurora)
    assert Organisation.objects.filter(slug="aurora").exists()


def test_the_ribbon_stays_until_the_example_is_gone_for_good(
    browser: Client, aurora: Organisation, settings: Settings, tmp_path: Path
) -> None:
    settings.FOYER_DATA = tmp_path
    url = reverse("integrations:guide")
    assert b"ribbon" not in browser.get(url).content
    Organisation.objects.filter(pk=aurora.pk).update(is_demo=True)
    page = browser.get(url)
    assert b'class="ribbon"' in page.content
    assert b"remove-example" in page.content
    answer = browser.post(reverse("integrations:remove_example"))
    assert answer.status_code == 302
    assert not Organisation.objects.filter(slug="aurora").exists()
    assert example.was_removed("aurora")
    assert not example.was_removed("borealis")


def test_this_morning_shows_the_newest_run_of_every_connection(browser: Client) -> None:
    for name in ("Box office", "Archive"):
        source = Source.objects.create(name=name, slug=name.lower().replace(" ", "-"))
        connection = Connection.objects.create(name=name, slug=source.slug, connector="files", source=source)
        for state in ("failed", "done"):
            newest = Run.objects.create(connection=connection, trigger="manual", state=state)
        assert newest.state == "done"
    lines = browser.get(reverse("integrations:home")).context["lines"]
    assert {(line.connection.name, line.last.state) for line in lines} == {
        ("Box office", "done"),
        ("Archive", "done"),
    }
