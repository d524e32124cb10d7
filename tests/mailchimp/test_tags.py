"""A tag for every show bought; taken off again when the ticket is refunded or the show long over."""

from __future__ import annotations

import datetime as dt

from integrations.mailchimp.models import ShowTag
from integrations.mailchimp.standin import Standin
from integrations.mailchimp.standin.audience import Audience
from integrations.models import Connection
from profiles.models import Tag
from tests.fakes.mailchimp import status, tags
from tests.mailchimp.conftest import NEXT_MONTH, NOW, connect, morning, person, sell

KARI = "kari@example.no"
HAMLET = f"Show: Hamlet {NEXT_MONTH.year}"
MACBETH = f"Show: Macbeth {NEXT_MONTH.year}"


def test_each_show_bought_is_a_tag(newsletter: Connection, audience: Audience) -> None:
    sell(person(KARI))
    morning(newsletter)
    sell(person(KARI), show="Macbeth")
    run = morning(newsletter)
    assert tags(audience, KARI) == {HAMLET, MACBETH}
    assert run.plan.counts["tags"] == {"tagged": 1, "untagged": 0}


def test_a_refund_takes_the_tag_off(newsletter: Connection, audience: Audience) -> None:
    sell(person(KARI), external_id="H1")
    sell(person(KARI), show="Macbeth")
    morning(newsletter)
    sell(person(KARI), external_id="H1", status="refunded", complete=True)
    run = morning(newsletter)
    assert tags(audience, KARI) == {MACBETH}
    assert run.plan.counts["tags"]["untagged"] == 1


def test_hand_made_tags_are_never_touched(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    standin.do("set", KARI, status="subscribed", tags=["VIP", "Press"])
    sell(person(KARI), external_id="H1")
    morning(newsletter)
    sell(person(KARI), external_id="H1", status="refunded", complete=True)
    morning(newsletter)
    assert tags(audience, KARI) == {"VIP", "Press"}


def test_a_show_that_is_over_loses_its_tag_and_its_segment(
    newsletter: Connection, audience: Audience
) -> None:
    sell(person(KARI), person("ola@example.no", "Ola"))
    morning(newsletter)
    Tag.objects.update(ends_at=NOW - dt.timedelta(days=31))
    morning(newsletter)
    assert tags(audience, KARI) == set()
    assert audience.tags == {}
    show = ShowTag.objects.get()
    assert show.removed_at
    assert show.cleared_at


def test_a_tag_worn_by_hand_keeps_its_segment(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    sell(person(KARI))
    standin.do("set", "press@example.no", status="subscribed", tags=[HAMLET])
    morning(newsletter)
    Tag.objects.update(ends_at=NOW - dt.timedelta(days=31))
    audience.find("press@example.no").last_changed = "2020-01-01T00:00:00+00:00"
    morning(newsletter)
    assert HAMLET in audience.tags.values()


def test_a_removed_tag_is_not_set_again(newsletter: Connection, audience: Audience) -> None:
    sell(person(KARI))
    morning(newsletter)
    Tag.objects.update(ends_at=NOW - dt.timedelta(days=31))
    morning(newsletter)
    run = morning(newsletter)
    assert run.plan.contacts == 0
    assert tags(audience, KARI) == set()


def test_further_performances_bring_the_tag_back(newsletter: Connection, audience: Audience) -> None:
    sell(person(KARI))
    morning(newsletter)
    Tag.objects.update(ends_at=NOW - dt.timedelta(days=31))
    morning(newsletter)
    Tag.objects.update(ends_at=NEXT_MONTH)
    morning(newsletter)
    assert tags(audience, KARI) == {HAMLET}


def test_a_tag_taken_off_by_hand_is_drift_and_comes_back(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    sell(person(KARI))
    morning(newsletter)
    standin.do("profile", KARI, drop_tags=[HAMLET])
    run = morning(newsletter)
    assert run.plan.counts["drift"] == {"tags": 1}
    assert tags(audience, KARI) == {HAMLET}


def test_the_naming_rule_is_the_audiences(in_aurora: object, standin: Standin, audience: Audience) -> None:
    newsletter = connect(standin, audience, tag_rule="AKT {name}")
    long = "A very long title of a show " * 4
    sell(person(KARI), show=f"{long}part one")
    sell(person(KARI), show=f"{long}part two")
    morning(newsletter)
    names = tags(audience, KARI)
    assert len(names) == 2
    assert all(name.startswith("AKT A very") and len(name) <= 100 for name in names)


def test_an_ended_show_leaves_the_unsubscribed_too(
    newsletter: Connection, audience: Audience, standin: Standin
) -> None:
    sell(person(KARI))
    morning(newsletter)
    standin.do("unsubscribe", KARI)
    Tag.objects.update(ends_at=NOW - dt.timedelta(days=31))
    morning(newsletter)
    assert tags(audience, KARI) == set()
    assert status(audience, KARI) == "unsubscribed"
