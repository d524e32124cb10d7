"""Alarms: opened once, mailed once, closed by themselves."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import get_connection
from django.utils import timezone

from integrations import alarms, connecting, runs
from integrations.alarms import judge, mailing
from integrations.alarms.judge import Morning
from integrations.models import Alarm, AlarmKind, Connection, Run, RunState, RunStep, StepState
from integrations.runs import mornings as mornings_of
from integrations.runs.verbs import start_scheduled
from integrations.schedule import Schedule
from organisations.models import Membership, Organisation, User
from profiles.models import Intake
from tests.fakes.till import Till
from tests.integrations.conftest import run_now, work

TODAY = dt.date(2026, 11, 24)
HALF_PAST_SEVEN = Schedule(
    dt.time(7, 30), range(1, 8), ZoneInfo("Europe/Oslo"), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2026-11-24T{text}").replace(tzinfo=dt.UTC)


def morning(days_ago: int, read: int = 1000, held: int = 0, **more: Any) -> Morning:
    date = TODAY - dt.timedelta(days=days_ago)
    return Morning(date, days_ago, **{"is_in": True, "in_hand": False, **more}, read=read, held=held)


def tuesdays(*reads: int) -> list[Morning]:
    """The newest first: today, a week ago, two weeks ago …"""
    return [morning(7 * week, read) for week, read in enumerate(reads)]


def kind(found: judge.Finding | None) -> str | None:
    return found.kind if found else None


def test_late_is_half_an_hour_after_the_schedule() -> None:
    done_yesterday = [morning(1)]
    assert judge.late(HALF_PAST_SEVEN, done_yesterday, at("06:59")) is None
    assert kind(judge.late(HALF_PAST_SEVEN, done_yesterday, at("07:00"))) == "late"
    assert kind(judge.late(HALF_PAST_SEVEN, [morning(0, is_in=False)], at("07:00"))) == "late"
    assert judge.late(HALF_PAST_SEVEN, [morning(0)], at("07:00")) is None


def test_a_run_in_a_persons_hands_is_not_late_as_well() -> None:
    waits = [morning(0, is_in=False, in_hand=True)]
    assert judge.late(HALF_PAST_SEVEN, waits, at("07:00")) is None


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        ((0, 900, 1000, 1100), "empty"),
        ((0, 0, 0, 0), None),  # nothing is what usually comes
        ((0,), "empty"),  # nothing at the very first time
        ((250, 900, 1000, 1100), "small"),
        ((300, 900, 1000, 1100), None),
        ((5000, 900, 1000, 1100), None),
        ((2, 900, 1000), None),  # two same weekdays are no pattern
        ((2, 10, 12, 15), None),  # too few rows to mean anything
        ((1000, 1, 1, 1), None),
    ],
)
def test_a_morning_is_compared_with_its_own_weekday(reads: tuple[int, ...], expected: str | None) -> None:
    other_days = [morning(day, 100_000) for day in (1, 2, 3, 4, 5, 6)]
    mornings = sorted([*tuesdays(*reads), *other_days], key=lambda m: m.date, reverse=True)
    assert kind(judge.empty_or_small(mornings)) == expected


def test_what_is_older_than_eight_weeks_is_forgotten() -> None:
    old = [morning(7 * week, 1000) for week in (9, 10, 11, 12)]
    assert judge.empty_or_small([morning(0, 10), *old]) is None


@pytest.mark.parametrize(
    ("today", "before", "expected"),
    [
        ((1000, 60), (1000, 5), "held"),
        ((1000, 60), (1000, 40), None),  # high, but it always is
        ((1000, 20), (1000, 1), None),  # a rising share that is still small
        ((50, 5), (50, 0), None),  # five rows
        ((1000, 200), None, "held"),  # a fifth, at the very first time
        ((1000, 190), None, None),
    ],
)
def test_many_held(today: tuple[int, int], before: tuple[int, int] | None, expected: str | None) -> None:
    earlier = [morning(day, *before) for day in (1, 2, 3)] if before else []
    assert kind(judge.many_held([morning(0, *today), *earlier])) == expected


@pytest.fixture
def late_till(tills: Connection) -> Connection:
    """Should have delivered every morning, and never has."""
    Connection.objects.update(enabled_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    return tills


def check(organisation: Organisation, now: dt.datetime | None = None) -> list[str]:
    alarms.check(organisation, now or timezone.now())
    return list(Alarm.objects.open().values_list("kind", flat=True))


def test_one_alarm_of_a_kind_however_often_it_is_checked(late_till: Connection, aurora: Organisation) -> None:
    for _ in range(3):
        assert check(aurora, at("09:00")) == [AlarmKind.LATE]
    assert Alarm.objects.count() == 1


def test_an_alarm_closes_by_itself_when_it_is_cured(
    late_till: Connection, aurora: Organisation, box_office: Till
) -> None:
    check(aurora, at("09:00"))
    run = start_scheduled(connection=late_till, local_date=TODAY, window_from=TODAY)
    assert run is not None
    box_office.sell(3)
    work(run)
    assert check(aurora, at("09:01")) == []
    alarm = Alarm.objects.get()
    assert alarm.closed_at is not None
    Run.objects.all().delete()
    assert check(aurora, at("09:02")) == [AlarmKind.LATE]
    assert Alarm.objects.count() == 2


def test_a_morning_that_somebody_cancelled_is_not_late(
    late_till: Connection, aurora: Organisation, alice: User
) -> None:
    run = start_scheduled(connection=late_till, local_date=TODAY, window_from=TODAY)
    assert run is not None
    assert check(aurora, at("09:00")) == [AlarmKind.LATE]
    runs.cancel(run=run, actor=alice)
    assert check(aurora, at("09:01")) == []


def test_a_run_that_waits_raises_an_alarm_with_its_reason(
    tills: Connection, aurora: Organisation, box_office: Till
) -> None:
    box_office.key = "changed"
    run = run_now(tills)
    assert AlarmKind.WAITING in check(aurora)
    alarm = Alarm.objects.get(kind=AlarmKind.WAITING)
    assert (alarm.run, run.reason in alarm.message) == (run, True)
    assert alarm.get_absolute_url() == f"/runs/{run.pk}/"


def test_empty_small_and_held_are_judged_from_the_runs(tills: Connection, aurora: Organisation) -> None:
    for week, (read, held) in enumerate(((40, 12), (900, 0), (1000, 0), (1100, 0))):
        _scheduled_run(tills, TODAY - dt.timedelta(weeks=week), read, held)
    assert set(check(aurora, at("09:00"))) == {AlarmKind.SMALL, AlarmKind.HELD}


def test_a_destination_that_went_ahead_without_a_source_says_so(
    late_till: Connection, letter_box: Connection, aurora: Organisation
) -> None:
    Connection.objects.filter(pk=letter_box.pk).update(after_sources=True)
    run = start_scheduled(connection=letter_box, local_date=TODAY, window_from=TODAY)
    assert run is not None
    assert AlarmKind.SOURCES not in check(aurora)
    Run.objects.update(created_at=run.created_at - mornings_of.PATIENCE)
    work(run)
    assert AlarmKind.SOURCES in check(aurora)
    assert "went ahead without till" in Alarm.objects.get(kind=AlarmKind.SOURCES).message


class MailBox:
    """Keeps what arrives, refuses while `closed`."""

    def __init__(self) -> None:
        self.arrived: list[tuple[list[str], Message]] = []
        self.closed = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.closed:
            return "451 come back later"
        self.arrived.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 OK"


@pytest.fixture
def mail_box(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailBox]:
    """A real SMTP server, and Django sending to it."""
    box = MailBox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    smtp = "django.core.mail.backends.smtp.EmailBackend"
    monkeypatch.setattr(
        mailing, "get_connection", lambda: get_connection(smtp, host="127.0.0.1", port=port, timeout=5)
    )
    yield box
    controller.stop()


def test_an_alarm_is_mailed_once_to_the_administrators(
    late_till: Connection, aurora: Organisation, mail_box: MailBox, alice: User
) -> None:
    for _ in range(3):
        check(aurora, at("09:00"))
    [(readers, mail)] = mail_box.arrived
    assert readers == [alice.email]  # bob is no administrator, charlie is of another organisation
    assert "Aurora" in str(mail["subject"])
    body = mail.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert "till" in body
    assert "/connections/till/" in body


def test_an_administrator_who_does_not_want_mail_gets_none(
    late_till: Connection, aurora: Organisation, mail_box: MailBox, alice: User, bob: User
) -> None:
    Membership.objects.filter(user=bob, organisation=aurora).update(role="administrator")
    connecting.want_alarm_mail(user=alice, wanted=False)
    check(aurora, at("09:00"))
    assert [readers for readers, _ in mail_box.arrived] == [[bob.email]]


def test_mail_that_is_refused_is_sent_at_the_next_round(
    late_till: Connection, aurora: Organisation, mail_box: MailBox
) -> None:
    mail_box.closed = True
    assert check(aurora, at("09:00")) == [AlarmKind.LATE]
    mail_box.closed = False
    check(aurora, at("09:01"))
    check(aurora, at("09:02"))
    assert len(mail_box.arrived) == 1


def _scheduled_run(connection: Connection, date: dt.date, read: int, held: int) -> None:
    intake = Intake.objects.create(
        source=connection.source, rows_read=read, rows_created=read - held, rows_held=held
    )
    run = Run.objects.create(
        connection=connection, local_date=date, trigger="schedule", state=RunState.DONE, intake=intake
    )
    RunStep.objects.create(run=run, position=2, name="ingest", state=StepState.DONE)
