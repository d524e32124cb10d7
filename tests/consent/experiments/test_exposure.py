"""What is logged of a form that was shown, and what is left of it after 90 days."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from consent import ledger
from consent.experiments import assignment, exposure, results
from consent.facts import EventType
from consent.models import ConsentForm, Experiment, ExposureCount, FormServed
from organisations import personal_data
from tests.consent import world
from tests.consent.experiments import lab
from tests.consent.experiments.lab import START

pytestmark = pytest.mark.usefixtures("in_aurora")
UNIT = "basket:8841"


@pytest.fixture(name="test")
def a_test() -> Experiment:
    return lab.experiment()


def show(form: ConsentForm, unit: str = UNIT) -> bytes:
    assigned = assignment.assign(form, unit)
    exposure.served(assigned, form, "nb", START)
    return assigned.unit_hash


def test_only_the_first_time_counts(test: Experiment) -> None:
    show(test.form)
    exposure.served(assignment.assign(test.form, UNIT), test.form, "da", START + timedelta(days=1))

    row = FormServed.objects.get()
    assert (row.locale, row.served_at, row.answered_at, row.said_yes) == ("nb", START, None, None)
    assert bytes(row.unit) == assignment.unit_hash(test.form, UNIT)


def test_an_answer_its_time_and_a_purchase_are_kept(test: Experiment) -> None:
    digest = show(test.form)

    exposure.answered(test.form, digest, False, START + timedelta(minutes=1), 7)
    exposure.answered(test.form, digest, None, START + timedelta(minutes=2), 9)

    row = FormServed.objects.get()
    assert (row.said_yes, row.seconds, row.answered_at) == (False, 7, START + timedelta(minutes=1))


def test_a_basket_that_was_paid_for_is_found_by_its_order(test: Experiment) -> None:
    paid, refunded, other = (
        world.bought(world.person(), status=status) for status in ("paid", "refunded", "paid")
    )
    show(test.form, f"basket:{paid.external_id}")
    show(test.form, f"basket:{refunded.external_id}")
    for order in (paid, refunded, other):
        order.ordered_at = START + timedelta(hours=1)
        order.save()

    with time_machine.travel(START + timedelta(days=1), tick=False):
        found = (exposure.hear_orders(), exposure.hear_orders())

    assert found == (1, 0)
    assert results.look(test).arm(FormServed.objects.get(bought_at=paid.ordered_at).variant).bought == 1


def test_an_order_of_long_ago_and_a_test_that_ended_are_left(test: Experiment) -> None:
    order = world.bought(world.person(), ordered_at=START)
    show(test.form, f"basket:{order.external_id}")

    with time_machine.travel(START + timedelta(days=4), tick=False):
        assert exposure.hear_orders() == 0
    Experiment.objects.update(state=Experiment.State.STOPPED, stopped_at=START - timedelta(days=9))
    with time_machine.travel(START + timedelta(days=1), tick=False):
        assert exposure.hear_orders() == 0


def test_a_yes_stays_one_and_a_pause_is_cut(test: Experiment) -> None:
    digest = show(test.form)

    exposure.answered(test.form, digest, True, START, 9000)
    exposure.answered(test.form, digest, False, START)

    assert FormServed.objects.values_list("said_yes", "seconds").get() == (True, exposure.LONGEST)


def test_one_question_is_answered_once(test: Experiment) -> None:
    digest = show(test.form)

    assert exposure.understood(test.form, digest, True)
    assert not exposure.understood(test.form, digest, False)
    assert FormServed.objects.get().understood is True


def test_who_was_never_shown_the_form_is_not_counted(test: Experiment) -> None:
    exposure.answered(test.form, assignment.unit_hash(test.form, UNIT), True, START)

    assert not FormServed.objects.exists()


def test_an_answer_belongs_to_the_newest_exposure(test: Experiment) -> None:
    Experiment.objects.update(state=Experiment.State.DRAFT)
    show(test.form)
    Experiment.objects.update(state=Experiment.State.RUNNING)
    assigned = assignment.assign(test.form, UNIT)
    exposure.served(assigned, test.form, "nb", START + timedelta(days=1))

    exposure.answered(test.form, assigned.unit_hash, True, START + timedelta(days=1))

    assert FormServed.objects.get(experiment=test).said_yes is True
    assert FormServed.objects.get(experiment=None).said_yes is None


@pytest.mark.parametrize(
    ("kind", "valid"), [(EventType.GRANT, True), (EventType.DOI_REQUESTED, None), (EventType.DENY, None)]
)
def test_a_yes_counts_if_the_ledger_says_so(test: Experiment, kind: EventType, valid: bool | None) -> None:
    person = world.person("kari@example.no")
    assert person.email
    digest = show(test.form)
    heard(test, kind, person.email.pk)

    exposure.answered(test.form, digest, True, START, identifier_ids=[person.email.pk])

    assert FormServed.objects.get().said_yes is valid


@pytest.mark.parametrize(("purpose", "valid"), [("marketing.newsletter", True), ("survey", None)])
def test_a_confirmed_yes_counts_from_its_click(test: Experiment, purpose: str, valid: bool | None) -> None:
    """If it is a yes to what the test asks."""
    person = world.person("kari@example.no")
    assert person.email
    digest = show(test.form)
    exposure.answered(test.form, digest, None, START)
    heard(test, EventType.DOI_CONFIRMED, person.email.pk, purpose)
    heard(test, EventType.GRANT, person.email.pk, purpose)

    exposure.confirmed(test.form, digest, START + timedelta(days=1), identifier_ids=[person.email.pk])

    assert FormServed.objects.values_list("said_yes", "answered_at").get() == (valid, START)


def heard(test: Experiment, kind: EventType, identifier_id: int, purpose: str = "") -> None:
    ledger.record(
        ledger.Entry(
            type=kind, purpose=purpose or test.purpose, channel=test.channel, source_system="form",
            source_event_id=f"{kind} 1",
            identifier_id=identifier_id, occurred_at=START, proof="A", point_id=test.form.point_id,
            text_id=test.form.point.text_id,
        )
    )  # fmt: skip


def test_after_90_days_the_results_are_the_same_and_nobody_is_left(test: Experiment) -> None:
    lab.expose(test, "a", 30, 9, days=4, seconds=5, understood=True)
    lab.expose(test, "b", 31, 12, days=4, bought_at=START)
    lab.expose(test, "b", 5, 1, days=4)
    before = results.look(test)

    removed = []
    while gone := exposure.forget(START + timedelta(days=90)):
        removed.append(gone["consent.FormServed"])
    after = results.look(test)

    assert (sum(removed), len(removed)) == (66, 4)
    assert not FormServed.objects.exists()
    assert after.arms == before.arms
    assert results.by_day(after) == results.by_day(before)
    assert (after.arms[0].seconds, after.arms[0].understood, after.arms[1].bought) == (150, 30, 31)


def test_counts_only_grow_and_what_is_newer_stays(test: Experiment) -> None:
    lab.expose(test, "a", 10, 5, days=10)
    exposure.forget(START + timedelta(hours=1))
    assigned = assignment.assign(test.form, UNIT)
    FormServed.objects.filter(variant="b").delete()
    FormServed.objects.create(
        form=test.form,
        version=assigned.version,
        experiment=test,
        variant="a",
        unit=b"2" * 32,
        served_at=START,
    )

    exposure.forget(START + timedelta(hours=1))

    counted = ExposureCount.objects.get(variant="a", measure="served", experiment_key=test.pk)
    assert (counted.value, str(counted.day)) == (2, "2026-11-02")
    assert FormServed.objects.count() == 9
    assert exposure.forget(START) == {}


def test_the_nightly_retention_knows_of_it() -> None:
    found = {category.key: category for category in personal_data.categories()}["exposures"]

    assert (found.days, found.forget) == (90, exposure.forget)
