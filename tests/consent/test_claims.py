"""What the morning's files do to the ledger (CONSENT.md 2.6, 2.10, 5.2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cdp.lib import clock
from consent import answers, ledger, projection
from consent.facts import EventType
from consent.models import ConsentEvent, ConsentState, ContactAnswer
from tests.consent import world
from tests.consent.world import answer, claim, morning, person, point, types

pytestmark = pytest.mark.usefixtures("in_aurora")


def test_first_yes_at_a_verified_point_opens() -> None:
    anna = person("anna@example.org")

    report = morning(claim(anna, "yes", point()))

    assert (report.granted, report.withdrawn, report.unchanged, report.refused) == (1, 0, 0, {})
    [event] = anna.events()
    assert (event.type, event.proof, event.kind) == ("GRANT", "B", "snapshot")
    assert event.occurred_at == event.recorded_at
    assert (answer(anna).basket, answer(anna).newsletter_reason) == ("marketing", "CONSENT")


def test_first_yes_keeps_the_date_that_the_source_gives() -> None:
    anna = person("anna@example.org")
    said = world.at("2026-03-01T10:00")

    morning(claim(anna, "yes", point(), occurred_at=said))

    assert anna.events()[0].occurred_at == said


def test_first_yes_at_an_unverified_point_opens_nothing() -> None:
    anna = person("anna@example.org")

    report = morning(claim(anna, "yes", point(verified=False)))

    assert (report.granted, report.refused) == (0, {"waits_for_verification": 1})
    assert types(anna) == [("GRANT", "C")]
    assert answer(anna).newsletter_reason == "UNPROVEN_CONSENT"


def test_three_mornings_of_yes_write_one_event() -> None:
    """C135."""
    anna, news = person("anna@example.org"), point()

    reports = [morning(claim(anna, "yes", news)) for _ in range(3)]

    assert [(report.granted, report.unchanged) for report in reports] == [(1, 0), (0, 1), (0, 1)]
    assert len(anna.events()) == 1


def test_yes_then_no_is_a_withdrawal_where_no_is_a_refusal() -> None:
    """C136."""
    anna, news = person("anna@example.org"), point(no_is_explicit=True)
    morning(claim(anna, "yes", news))

    report = morning(claim(anna, "no", news))

    assert report.withdrawn == 1
    withdrawal = anna.events()[-1]
    assert withdrawal.type == "WITHDRAW"
    assert withdrawal.occurred_at == withdrawal.recorded_at
    assert answer(anna).newsletter_reason == "WITHDRAWN"


def test_yes_then_no_is_nothing_where_no_is_an_empty_box() -> None:
    anna, news = person("anna@example.org"), point(no_is_explicit=False)
    morning(claim(anna, "yes", news))

    report = morning(claim(anna, "no", news))

    assert (report.withdrawn, report.refused) == (0, {"box_left_empty": 1})
    assert answer(anna).basket == "marketing"


def test_no_then_yes_without_an_order_writes_nothing() -> None:
    """C137."""
    anna, news = person("anna@example.org"), point()
    morning(claim(anna, "no", news))

    report = morning(claim(anna, "yes", news))

    assert (report.granted, report.refused) == (0, {"yes_without_act": 1})
    assert anna.events() == []


def test_no_then_yes_with_the_tick_on_a_new_order_is_an_act() -> None:
    anna, news = person("anna@example.org"), point(text=world.text(), no_is_explicit=True)
    morning(claim(anna, "no", news))
    ordered = clock.now() + timedelta(seconds=1)

    morning(claim(anna, "yes", news, order_ref="4711", occurred_at=ordered))

    event = anna.events()[-1]
    assert (event.type, event.kind, event.proof, event.order_ref) == ("GRANT", "act", "A", "4711")
    assert event.occurred_at == ordered
    assert answer(anna).newsletter_reason == "CONSENT"


def test_a_tick_on_an_order_older_than_the_no_is_no_act() -> None:
    anna, news = person("anna@example.org"), point()
    morning(claim(anna, "no", news))

    morning(claim(anna, "yes", news, order_ref="1", occurred_at=world.at("2026-01-01T12:00")))

    assert anna.events() == []


@pytest.mark.parametrize("silent", ["blank", "unreadable"])
def test_silence_writes_nothing_and_forgets_nothing(silent: str) -> None:
    anna, news = person("anna@example.org"), point(no_is_explicit=True)
    morning(claim(anna, "yes", news))

    report = morning(claim(anna, silent, news))
    after = morning(claim(anna, "yes", news))

    assert report.refused == {silent: 1}
    assert after.unchanged == 1
    assert len(anna.events()) == 1


def test_one_delivery_that_repeats_a_flag_counts_its_last_word() -> None:
    anna, news = person("anna@example.org"), point(no_is_explicit=True)

    morning(claim(anna, "yes", news), claim(anna, "yes", news), claim(anna, "no", news))

    assert types(anna) == [("DENY", "B")]


def test_a_list_with_bare_yes_makes_nobody_reachable() -> None:
    """C131: 40 of 1,000 have said no; they get no claim, the others one that opens nothing."""
    imported = point("upload:2026", verified=False, kind="import")
    people = [person(f"guest{number}@example.org") for number in range(1000)]
    for refuser in people[:40]:
        ledger.record(said_no(refuser))

    report = morning(*[claim(guest, "yes", imported) for guest in people])

    assert report.refused == {"waits_for_verification": 960, "standing_no": 40}
    assert ConsentEvent.objects.filter(type="GRANT", proof="C").count() == 960
    assert not ConsentEvent.objects.filter(type="GRANT", identifier=people[0].email).exists()
    answers.refresh()
    assert not ContactAnswer.objects.may_be_mailed().exists()


def said_no(who: world.Person, **given: object) -> ledger.Entry:
    facts: dict[str, object] = {
        "type": EventType.OBJECT,
        "purpose": "*",
        "channel": "email",
        "source_system": "service-desk",
        "source_event_id": f"case {who.record.pk}",
        "identifier_id": who.email.pk if who.email else None,
    }
    return ledger.Entry(**facts | given)  # type: ignore[arg-type]


def test_an_imported_no_withdraws() -> None:
    """C132."""
    anna, column = person("anna@example.org"), point("upload:2026", kind="import", no_is_explicit=True)
    morning(claim(anna, "yes", point()))
    said = world.at("2026-11-01T08:00")

    morning(claim(anna, "no", column, occurred_at=said))

    withdrawal = anna.events()[-1]
    assert (withdrawal.type, withdrawal.occurred_at) == ("WITHDRAW", said)


@pytest.mark.parametrize("kind", ["snapshot", "import"])
def test_an_import_never_lifts_a_no(kind: str) -> None:
    anna = person("anna@example.org")
    ledger.record(said_no(anna))

    report = morning(claim(anna, "yes", point(kind=kind)))

    assert (report.granted, report.refused) == (0, {"standing_no": 1})
    assert answer(anna).newsletter_reason == "OBJECTED"


def test_a_proven_tick_on_a_later_order_lifts_a_no() -> None:
    """C47."""
    anna = person("anna@example.org")
    ledger.record(said_no(anna, occurred_at=world.at("2026-06-01T10:00")))
    checkout = point(kind="act", text=world.text())

    morning(claim(anna, "yes", checkout, order_ref="4711", occurred_at=world.at("2026-11-09T19:00")))

    assert answer(anna).newsletter_reason == "CONSENT"


def test_a_tick_without_registered_words_does_not_lift_a_no() -> None:
    anna = person("anna@example.org")
    ledger.record(said_no(anna, occurred_at=world.at("2026-06-01T10:00")))

    report = morning(
        claim(anna, "yes", point(kind="act"), order_ref="4711", occurred_at=world.at("2026-11-09T19:00"))
    )

    assert report.refused == {"standing_no": 1}
    assert answer(anna).newsletter_reason == "OBJECTED"


def test_an_order_told_twice_is_one_act() -> None:
    anna, checkout = person("anna@example.org"), point(kind="act", text=world.text())
    tick = {"order_ref": "4711", "occurred_at": world.at("2026-11-09T19:00")}

    morning(claim(anna, "yes", checkout, **tick), claim(anna, "yes", checkout, **tick))
    again = morning(claim(anna, "yes", checkout, **tick))

    assert types(anna) == [("GRANT", "A")]
    assert (again.granted, again.unchanged) == (0, 1)


def test_a_radio_no_at_checkout_is_a_refusal() -> None:
    """C55."""
    anna = person("anna@example.org")
    checkout = point(kind="act", text=world.text(), no_is_explicit=True)
    morning(claim(anna, "yes", checkout, order_ref="1", occurred_at=world.at("2026-03-01T10:00")))

    morning(claim(anna, "no", checkout, order_ref="2", occurred_at=world.at("2026-10-01T10:00")))

    assert answer(anna).newsletter_reason == "WITHDRAWN"


def test_an_act_without_a_time_opens_nothing() -> None:
    """C52."""
    anna = person("anna@example.org")

    morning(claim(anna, "yes", point(kind="act", text=world.text()), order_ref="1"))

    assert types(anna) == [("GRANT", "C")]
    assert answer(anna).newsletter_reason == "UNPROVEN_CONSENT"


def test_each_channel_has_its_own_permission() -> None:
    anna = person("anna@example.org", "+4790000001")

    morning(claim(anna, "yes", point(channels=["email", "sms"])))

    assert answer(anna).basket == "marketing"
    assert answer(anna, "sms").basket == "marketing"


def test_a_claim_may_name_one_channel() -> None:
    anna = person("anna@example.org", "+4790000001")

    morning(claim(anna, "yes", point(channels=["email", "sms"]), channel="sms"))

    assert answer(anna).newsletter_reason == "NO_BASIS"
    assert answer(anna, "sms").basket == "marketing"


def test_a_yes_without_an_address_and_at_an_unknown_point_is_counted() -> None:
    nameless = person(phone="+4790000001")

    report = morning(claim(nameless, "yes", point()), claim(nameless, "yes", "nowhere"))

    assert report.refused == {"no_address": 1, "unknown_point": 1}


def test_undoing_a_delivery_takes_its_yes_back_and_it_may_come_again() -> None:
    anna, news, delivery = person("anna@example.org"), point(), world.intake()
    morning(claim(anna, "yes", news), delivery=delivery)

    taken_back = ledger.invalidate_intake(delivery.pk)

    assert taken_back == 1
    assert answer(anna).newsletter_reason == "NO_BASIS"
    assert not ConsentState.objects.exists()
    assert morning(claim(anna, "yes", news)).granted == 1
    assert answer(anna).basket == "marketing"


def test_undoing_twice_changes_nothing() -> None:
    anna, delivery = person("anna@example.org"), world.intake()
    morning(claim(anna, "yes", point()), delivery=delivery)
    ledger.invalidate_intake(delivery.pk)

    assert ledger.invalidate_intake(delivery.pk) == 0


def test_an_undone_act_is_written_anew_when_its_order_comes_again() -> None:
    anna, checkout, delivery = (
        person("anna@example.org"),
        point(kind="act", text=world.text()),
        world.intake(),
    )
    tick = claim(anna, "yes", checkout, order_ref="4711", occurred_at=world.at("2026-11-09T19:00"))
    morning(tick, delivery=delivery)
    ledger.invalidate_intake(delivery.pk)

    again = morning(tick)

    assert again.granted == 1
    assert answer(anna).basket == "marketing"


def test_a_no_survives_the_undoing_of_its_delivery() -> None:
    anna, news, delivery = person("anna@example.org"), point(no_is_explicit=True), world.intake()
    morning(claim(anna, "yes", news))
    morning(claim(anna, "no", news), delivery=delivery)

    ledger.invalidate_intake(delivery.pk)

    assert answer(anna).newsletter_reason == "WITHDRAWN"


def test_the_projection_follows_every_claim() -> None:
    anna, news = (
        person("anna@example.org", "+4790000001"),
        point(channels=["email", "sms"], no_is_explicit=True),
    )
    for said in ("yes", "no", "blank", "yes"):
        morning(claim(anna, said, news))

    assert projection.drift() == []
