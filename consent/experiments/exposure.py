"""That a form was really shown to a unit, and what came of it (CONSENT.md 4.1, 4.2).

Rows hold no address and no unit in clear. After 90 days `forget` leaves counts by day.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cdp.lib import clock, sql
from consent import gather, setwise
from consent.experiments.assignment import Assigned, unit_hash
from consent.facts import Basis, Message
from consent.models import ConsentForm, Experiment, FormServed
from organisations.personal_data import Category
from profiles.models import Order
from profiles.models.sale import OrderStatus

LONGEST = 600
"""Seconds beyond which somebody did something else in between."""

BATCH = timedelta(days=1)
ORDERS_WITHIN = timedelta(days=3)
"""How late an order may come in and still count as its basket's purchase."""
CHUNK = 1000


def served(assigned: Assigned, form: ConsentForm, locale: str, at: datetime) -> None:
    """The control was shown. Only a unit's first time counts."""
    FormServed.objects.bulk_create(
        [
            FormServed(
                form=form,
                version=assigned.version,
                experiment=assigned.experiment,
                variant=assigned.variant,
                unit=assigned.unit_hash,
                locale=locale,
                served_at=at,
            )
        ],
        ignore_conflicts=True,
    )


def answered(
    form: ConsentForm,
    digest: bytes,
    said_yes: bool | None,
    at: datetime,
    seconds: int | None = None,
    *,
    identifier_ids: Collection[int] = (),
) -> None:
    """What the unit answered: True a yes, False an explicit no, None a control left empty.

    With the contact points that were given, a yes counts only if the ledger, which must have
    heard it by now, answers that it opens what the test asks for at one of them: one that waits
    for its confirmation does not yet. A valid yes stays one, whatever the unit answers afterwards.
    """
    rows = _of(form, digest)
    rows.filter(answered_at=None).update(
        answered_at=at, seconds=None if seconds is None else min(max(seconds, 0), LONGEST)
    )
    if said_yes and identifier_ids and not _opens(rows, identifier_ids, at):
        said_yes = None
    if said_yes is not None:
        rows.exclude(said_yes=True).update(said_yes=said_yes)


def confirmed(form: ConsentForm, digest: bytes, at: datetime, *, identifier_ids: Collection[int]) -> None:
    """A yes that waited has been confirmed by its link, and counts if it opens what the test asks for."""
    rows = _of(form, digest)
    if _opens(rows, identifier_ids, at):
        rows.filter(answered_at=None).update(answered_at=at)
        rows.update(said_yes=True)


def hear_orders() -> int:
    """Which baskets that were shown a form in a test were paid for, by the orders that came in lately.

    An embedding page names its order as the unit; in the order the shop calls it the same.
    For the night; answers how many were found.
    """
    since = clock.now() - ORDERS_WITHIN
    paid = Order.objects.filter(status=OrderStatus.PAID, ordered_at__gte=since)
    orders = list(paid.values_list("external_id", "ordered_at"))
    tests = Experiment.objects.filter(Q(state=Experiment.State.RUNNING) | Q(stopped_at__gte=since))
    return sum(_bought(test, orders) for test in tests.select_related("form"))


def _bought(test: Experiment, orders: list[tuple[str, datetime]]) -> int:
    found = 0
    for start in range(0, len(orders), CHUNK):
        part = orders[start : start + CHUNK]
        paid = {unit_hash(test.form, f"basket:{number}"): at for number, at in part if number}
        rows = list(
            FormServed.objects.filter(form=test.form, experiment=test, unit__in=list(paid), bought_at=None)
        )
        for row in rows:
            row.bought_at = paid[bytes(row.unit)]
        found += FormServed.objects.bulk_update(rows, ["bought_at"])
    return found


def understood(form: ConsentForm, digest: bytes, right: bool) -> bool:
    """How the unit answered "what did you just agree to?"; only the first answer counts."""
    return bool(_of(form, digest).filter(understood=None).update(understood=right))


def _of(form: ConsentForm, digest: bytes) -> QuerySet[FormServed]:
    """The newest exposure of a unit: a test may have begun between two visits."""
    tests = list(form.experiments.values_list("pk", flat=True))  # so that the unique index is used
    rows = FormServed.objects.filter(Q(experiment__in=tests) | Q(experiment=None), form=form, unit=digest)
    return FormServed.objects.filter(pk__in=rows.order_by("-served_at").values("pk")[:1])


def _opens(rows: QuerySet[FormServed], identifier_ids: Collection[int], now: datetime) -> bool:
    """Whether the ledger answers that consent opens what the running test asks for."""
    test = Experiment.objects.filter(served__in=rows).first()
    if test is None:
        return True
    house = gather.house()
    message = Message(house.controller, test.purpose, test.channel)
    with transaction.atomic():
        decided = list(setwise.decide_set(message, identifier_ids=identifier_ids, now=now, house=house))
    return any(each.basis is Basis.CONSENT for each in decided)


def forget(before: datetime) -> dict[str, int]:
    """Turns the oldest day of exposures before a moment into counts; nothing is left to say when done."""
    oldest = FormServed.objects.filter(served_at__lt=before).order_by("served_at").first()
    if oldest is None:
        return {}
    params = {
        "before": min(before, oldest.served_at + BATCH),
        "zone": str(connection.tenant.time_zone),  # type: ignore[attr-defined]
    }
    return {"consent.FormServed": int(sql.value("consent/exposures_fold", params) or 0)}


CATEGORY = Category(
    key="exposures",
    label=_("Forms shown in tests"),
    days=90,
    forget=forget,
    ends=_("Counts by day stay; they are about nobody."),
    position=110,
)
