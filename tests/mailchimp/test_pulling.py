"""Every member is read, however many there are and whatever changes meanwhile."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from integrations.mailchimp import pulling
from integrations.mailchimp.models import AudienceMember
from integrations.mailchimp.settings import AudienceSettings
from integrations.mailchimp.standin import Standin
from integrations.mailchimp.standin.audience import Audience
from integrations.models import Connection
from tests.mailchimp.conftest import morning

DAY = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 20 that overlap by 5 within one second, so that few members make many pages."""
    from integrations.mailchimp import client

    monkeypatch.setattr(client, "PAGE", 20)
    monkeypatch.setattr(pulling, "PAGE", 20)
    monkeypatch.setattr(pulling, "SAME_SECOND_OVERLAP", 5)


def fill(standin: Standin, count: int, *, apart: int) -> None:
    """Members whose last changes lie so many seconds apart."""
    for number in range(count):
        changed = (DAY + dt.timedelta(seconds=number * apart)).isoformat(timespec="seconds")
        standin.do("set", f"m{number}@example.no", status="subscribed", last_changed=changed)


def read(connection: Connection, cursor: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    found: list[str] = []
    for page in pulling.pull(AudienceSettings.of(connection), cursor, run=None):
        found += [row["address"] for row in page.rows]  # type: ignore[call-overload]
        cursor = page.cursor
    return found, cursor


@pytest.mark.parametrize("apart", [0, 1])
def test_all_are_read(newsletter: Connection, standin: Standin, apart: int) -> None:
    fill(standin, 90, apart=apart)
    found, cursor = read(newsletter, {})
    assert set(found) == {f"m{number}@example.no" for number in range(90)}
    assert cursor["finished"]


def test_a_change_while_reading_hides_nobody(newsletter: Connection, standin: Standin) -> None:
    """The changed one moves to the end, and everybody behind it moves up by one."""
    fill(standin, 90, apart=1)
    pages = pulling.pull(AudienceSettings.of(newsletter), {}, run=None)
    found = {row["address"] for row in next(pages).rows}  # type: ignore[call-overload]
    for number in range(3):
        standin.do("profile", f"m{number}@example.no")
    found |= {row["address"] for page in pages for row in page.rows}  # type: ignore[call-overload]
    assert found == {f"m{number}@example.no" for number in range(90)}


def test_a_pull_goes_on_at_any_page(newsletter: Connection, standin: Standin) -> None:
    fill(standin, 90, apart=1)
    found: set[str] = set()
    cursor: dict[str, Any] = {}
    for _ in range(20):
        page = next(pulling.pull(AudienceSettings.of(newsletter), cursor, run=7), None)
        if page is None:
            break
        found |= {row["address"] for row in page.rows}  # type: ignore[call-overload]
        cursor = page.cursor
    assert len(found) == 90
    assert list(pulling.pull(AudienceSettings.of(newsletter), cursor, run=7)) == []


def test_the_next_pull_reads_only_what_changed(newsletter: Connection, standin: Standin) -> None:
    fill(standin, 90, apart=1)
    _found, cursor = read(newsletter, {})
    standin.do("profile", "m7@example.no")
    found, later = read(newsletter, cursor)
    assert found == ["m7@example.no"]
    assert not later["whole"]


def test_once_a_week_all_are_read_again(newsletter: Connection, standin: Standin) -> None:
    fill(standin, 30, apart=1)
    _found, cursor = read(newsletter, {})
    cursor["whole_at"] = (dt.datetime.now(dt.UTC) - dt.timedelta(days=8)).isoformat()
    found, later = read(newsletter, cursor)
    assert len(set(found)) == 30
    assert later["whole"]


def test_archived_members_are_read_too(newsletter: Connection, standin: Standin, audience: Audience) -> None:
    fill(standin, 25, apart=1)
    audience.archive("m3@example.no")
    read(newsletter, {})
    assert AudienceMember.objects.get(address="m3@example.no").status_remote == "archived"


def test_what_we_wrote_yesterday_is_not_taken_in_again_today(
    newsletter: Connection, standin: Standin
) -> None:
    fill(standin, 30, apart=1)
    morning(newsletter)
    for number in range(30):
        standin.do("profile", f"m{number}@example.no", merge_fields={"BASKET": "service"})
    run = morning(newsletter)
    assert run.intake is not None
    equation = run.intake.equation()
    assert equation["unchanged"] == equation["read"] >= 30
