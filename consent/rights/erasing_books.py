"""Orders that a law on bookkeeping asks to keep: under a random number, the buyer sealed apart.

Only where the organisation has declared Foyer its book of record, or where an erasure was refused
for orders (GDPR Art. 17(3)(b)). The duty normally lies with the ticket or finance system, and then nothing
is kept (CONSENT.md 3.4, C156, C157).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils.translation import gettext as _

from cdp.lib import clock, crypto, sql
from cdp.lib.tenancy import current_schema
from consent import gather
from consent.models import KeptBuyer
from consent.rights.verbs import NotPossible
from organisations.audit import verbs as audit
from organisations.models import User
from organisations.personal_data import Subject
from profiles.erasure import sales
from profiles.models import LineVersion, Order, OrderVersion
from profiles.models.sale import OrderStatus

BOOKED = (OrderStatus.PAID, OrderStatus.REFUNDED)
"""What money moved for. An order that was never paid is no voucher."""
ASKED_FOR = timedelta(days=7)
"""How long a first person's asking waits for the second."""


def purge_on(ordered_at: datetime, *, years: int, zone: str) -> date:
    """The last day of the accounting year, which is the calendar's, plus the country's years.

    March 2024 in Norway (5 years, bokføringsloven § 13): 2029-12-31.
    """
    return date(ordered_at.astimezone(ZoneInfo(zone)).year + years, 12, 31)


def keep(subject: Subject, *, request_uid: uuid.UUID, at: datetime) -> int:
    """Takes the orders still to be kept away from the person; answers how many. In the erasure's transaction.

    What was sold, when and for how much stays with the order; seat, barcode and campaign do not.
    """
    rules = gather.house().rules
    years = rules.for_country(rules.home).bookkeeping_years
    zone = connection.tenant.time_zone  # type: ignore[attr-defined]
    today = at.astimezone(ZoneInfo(zone)).date()
    orders = [
        (order, until)
        for order in Order.objects.filter(record__in=subject.records, status__in=BOOKED)
        .select_related("record", "source")
        .order_by("pk")
        if (until := purge_on(order.ordered_at, years=years, zone=zone)) >= today
    ]
    numbers = {order.pk: uuid.uuid4() for order, _until in orders}
    KeptBuyer.objects.bulk_create(
        KeptBuyer(
            order_number=numbers[order.pk], sealed=_sealed(order), request_uid=request_uid, purge_on=until
        )
        for order, until in orders
    )
    _detach(numbers)
    return len(numbers)


def _sealed(order: Order) -> str:
    """Who bought it: what a voucher says of its buyer, and its number."""
    record = order.record
    assert record is not None
    clear = {
        "source": order.source.name,
        "order": order.external_id,
        "name": f"{record.given_name} {record.family_name}".strip(),
        "company": record.company,
        "email": record.email,
        "address": " ".join(filter(None, (record.street, record.postal_code, record.city, record.country))),
    }
    return crypto.seal(current_schema(), json.dumps(clear))


def _detach(numbers: dict[int, uuid.UUID]) -> None:
    orders = list(numbers)
    LineVersion.objects.filter(line__order__in=orders).delete()
    OrderVersion.objects.filter(order__in=orders).delete()
    params = {"orders": orders, "numbers": [str(numbers[pk]) for pk in orders]}
    sql.run("consent/erase_detach_orders", params).close()
    sql.run("consent/erase_detach_lines", params).close()


def ask(*, order_number: uuid.UUID, reason: str, actor: User) -> KeptBuyer:
    """The first of two people asks who bought an order, and says what for (without naming anybody)."""
    if not reason.strip():
        raise NotPossible(_("Say what for: an audit, a claim, a question of the tax office."))
    with transaction.atomic():
        kept = KeptBuyer.objects.select_for_update().get(pk=order_number)
        kept.asked_by, kept.asked_at, kept.ask_reason = str(actor)[:254], clock.now(), reason.strip()[:240]
        kept.save()
        _audited(actor, "kept_buyer.asked", kept)
    return kept


def open_(*, order_number: uuid.UUID, actor: User) -> dict[str, Any]:
    """The second person agrees, and both may read it on this page, once."""
    with transaction.atomic():
        kept = KeptBuyer.objects.select_for_update().get(pk=order_number)
        if kept.asked_at is None or kept.asked_at < clock.now() - ASKED_FOR:
            raise NotPossible(_("Nobody has asked for this order in the last days."))
        if kept.asked_by == str(actor)[:254]:
            raise NotPossible(_("Somebody else has to agree: two people open it together."))
        _audited(actor, "kept_buyer.opened", kept, asked_by=kept.asked_by)
        kept.asked_by, kept.asked_at, kept.ask_reason = "", None, ""
        kept.save()
        found: dict[str, Any] = json.loads(crypto.unseal(current_schema(), kept.sealed))
    return found


def _audited(actor: User | None, verb: str, kept: KeptBuyer, **summary: Any) -> None:
    audit.record(actor=actor, verb=verb, target=f"order {kept.order_number}", summary=summary)


def purge(today: date) -> int:
    """Vouchers whose years are over: the buyer goes, the sale becomes a sum. Answers how many."""
    gone = list(KeptBuyer.objects.filter(purge_on__lt=today).values_list("order_number", flat=True)[:1000])
    with transaction.atomic():
        sales.anonymise(_orders(gone))
        KeptBuyer.objects.filter(order_number__in=gone).delete()
    return len(gone)


def _orders(numbers: Iterable[uuid.UUID]) -> list[int]:
    kept = Order.objects.filter(external_id__in=[str(number) for number in numbers], record=None)
    return list(kept.values_list("pk", flat=True))
