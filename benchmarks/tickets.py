"""The generated file as canonical rows: what a mapping makes of it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from profiles.rows import Answer, CanonicalRow, ConsentClaim, LineRow, OrderRow, OrderStatus, PersonRow

POINT = "bench.newsletter"
_ANSWERS: dict[str, Answer] = {"": "blank", "Yes": "yes", "No": "no"}


def canonical(path: Path) -> Iterator[CanonicalRow]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=";")
        next(reader)
        for number, cells in enumerate(reader, 1):
            yield _row(number, cells)


def _row(number: int, c: list[str]) -> CanonicalRow:
    at = datetime.fromisoformat(c[1])
    status: OrderStatus = "paid" if c[2] == "paid" else "cancelled"
    line = LineRow(
        external_id=c[12], product_id=c[3], product_name=c[4], starts_at=datetime.fromisoformat(c[5]),
        venue=c[6], category=c[7], price=Decimal(c[8]), section=c[9], row=c[10], seat=c[11], status=status,
    )  # fmt: skip
    buyer = PersonRow(
        external_id=c[13], given_name=c[14], family_name=c[15], email=c[16], phone=c[17], street=c[18],
        postal_code=c[19], city=c[20], country=c[21], observed_at=at,
    )  # fmt: skip
    order = OrderRow(c[0], ordered_at=at, status=status, currency="NOK", lines=(line,))
    claim = ConsentClaim(POINT, _ANSWERS[c[22]], order_ref=c[0])
    return CanonicalRow(number, c, key=f"{c[0]}/{c[12]}", buyer=buyer, order=order, claims=(claim,))
