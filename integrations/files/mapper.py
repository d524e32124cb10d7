"""From the cells of one row to a `CanonicalRow`. Pure, and quick: a mapping is compiled once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from integrations.files.cellwise import Cells, Defaults, Grouped
from integrations.files.claims import claim_reader
from integrations.files.people import attendees, buyers, is_nobody, together
from integrations.files.sale import NEVER, Sold, sale_reader
from integrations.files.spec import Spec
from profiles.rows import CanonicalRow, Hold, PersonRow

__all__ = ["Defaults", "Mapper"]

NO_SALE: Sold = ("", None, NEVER, ())


class Mapper:
    """One mapping, compiled. Cells come packed: the mapped columns only, in the mapping's order."""

    def __init__(self, spec: Spec, defaults: Defaults) -> None:
        self.sale: Callable[[Cells], Sold] = (
            (lambda _cells: NO_SALE) if spec.options.rows == "customers" else sale_reader(spec, defaults)
        )
        self.buyer = buyers(spec, defaults)
        self.attendee: Grouped[PersonRow | None] | None = (
            attendees(spec) if any(target.startswith("attendee.") for target in spec.targets()) else None
        )
        self.claims = claim_reader(spec, defaults.zone)

    def row(self, cells: Cells, number: int, raw: Any) -> CanonicalRow:
        """`cells` as `Bound.packer` made them."""
        key, order, moments, holds = self.sale(cells)
        buyer, more = self.buyer(cells, moments[0])
        others: tuple[PersonRow, ...] = ()
        if self.attendee is not None:
            attendee, odd = self.attendee(cells)
            buyer, others = together(buyer, attendee)
            more += odd
        late: list[Hold] = []
        claims = self.claims(cells, order.external_id if order else "", moments, late)
        if more or late:
            holds = (*holds, *more, *late)
        if order is None:
            if buyer is None or is_nobody(buyer):
                told = _("Nothing in this row names a person or an order.")
                return CanonicalRow(number, raw, holds=holds, fatal=told)
            key = buyer.external_id
        return CanonicalRow(number, raw, key, buyer, others, order, (), claims, holds)
