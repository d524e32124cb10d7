"""Rows for tests of the way in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from profiles.ingest import ChunkResult, close_intake, ingest, open_intake
from profiles.models import Intake, Source
from profiles.rows import CanonicalRow, LineRow, OrderRow, PermitReport, PersonRow, ResolvedClaim

START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def a_source(slug: str = "tickets", **values: Any) -> Source:
    return Source.objects.get_or_create(slug=slug, defaults={"name": slug.title(), **values})[0]


def no_permit(claims: Sequence[ResolvedClaim], *, intake_id: int, source_id: int) -> PermitReport:
    """A ledger that takes nothing: for tests that are not about permission."""
    return PermitReport(refused={"none": len(claims)})


def ticket(
    number: int,
    *,
    order: str = "",
    email: str = "",
    name: str = "Kari Nordmann",
    show: str = "Hamlet",
    barcode: str | None = None,
    status: Any = "paid",
    price: str = "450.00",
    day: int = 0,
    **person: Any,
) -> CanonicalRow:
    """One ticket of one order, as a file tells it."""
    at = START + timedelta(days=day)
    line = LineRow(
        external_id=f"b{number}" if barcode is None else barcode,
        product_name=show,
        starts_at=at + timedelta(days=30),
        venue="Main stage",
        price=Decimal(price),
        status=status,
    )
    return CanonicalRow(
        number=number,
        raw=[str(number), order, email, name, show, status, price, str(day), repr(sorted(person.items()))],
        buyer=PersonRow(email=email, full_name=name, observed_at=at, **person),
        order=OrderRow(order or f"o{number}", ordered_at=at, status=status, currency="NOK", lines=(line,)),
    )


def deliver(
    rows: Sequence[CanonicalRow], source: Source | None = None, permit: Any = no_permit
) -> tuple[Intake, ChunkResult]:
    """A whole delivery in one chunk."""
    intake = open_intake(source=source or a_source(), label="test")
    result = ingest(intake=intake, rows=rows, permit=permit)
    close_intake(intake=intake)
    return intake, result
