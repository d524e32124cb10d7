"""From the cells of one row to a `CanonicalRow`. Pure, and quick: a mapping is compiled once.

Cells repeat: the tickets of one order name the same buyer, a show is sold a thousand
times. So each group of columns that forms one thing is read once per distinct text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

from django.utils.translation import gettext as _

from integrations.files.claims import claim_reader
from integrations.files.parts import (
    Defaults,
    Part,
    attendee_part,
    buyer_part,
    line_reader,
    order_part,
    show_part,
)
from integrations.files.spec import Spec
from profiles.rows import CanonicalRow, Hold, OrderRow, PersonRow

REMEMBERED = 20_000


class Grouped:
    """Reads one thing out of several columns, and remembers what the same texts gave."""

    def __init__(self, part: Part) -> None:
        self.build = part.build
        self.pick: Callable[[Sequence[str]], Any] = (
            itemgetter(*part.places) if part.places else lambda cells: ()
        )
        self.known: dict[Any, tuple[Any, tuple[Hold, ...]]] = {}

    def __call__(self, cells: Sequence[str]) -> tuple[Any, tuple[Hold, ...]]:
        texts = self.pick(cells)
        found = self.known.get(texts)
        if found is None:
            if len(self.known) >= REMEMBERED:
                self.known.clear()
            holds: list[Hold] = []
            found = self.build(cells, holds), tuple(holds)
            self.known[texts] = found
        return found


class Mapper:
    """One mapping, compiled. Cells come packed: the mapped columns only, in the mapping's order."""

    def __init__(self, spec: Spec, defaults: Defaults) -> None:
        self.kind = spec.options.rows
        self.order = Grouped(order_part(spec, defaults))
        self.show = Grouped(show_part(spec, defaults))
        self.buyer = Grouped(buyer_part(spec, defaults))
        self.attendee = Grouped(attendee_part(spec))
        self.has_attendee = any(target.startswith("attendee.") for target in spec.targets())
        self.line = line_reader(spec, defaults)
        self.claims = claim_reader(spec, defaults.zone)

    def row(self, cells: Sequence[str], number: int, raw: Any) -> CanonicalRow:
        """`cells` as `Packing.pack` made them."""
        buyer, holds = self.buyer(cells)
        attendees: tuple[PersonRow, ...] = ()
        if self.has_attendee:
            attendee, more = self.attendee(cells)
            buyer, attendees = _together(buyer, attendee)
            holds += more
        key, order, moments, more = self._sale(cells, buyer)
        late: list[Hold] = []
        claims = self.claims(cells, order.external_id if order else "", moments, late)
        holds += more + tuple(late)
        if order is None and (buyer is None or _is_nobody(buyer)):
            return CanonicalRow(
                number, raw, fatal=_("Nothing in this row names a person or an order."), holds=holds
            )
        return CanonicalRow(number, raw, key, buyer, attendees, order, (), claims, holds)

    def _sale(
        self, cells: Sequence[str], buyer: PersonRow | None
    ) -> tuple[str, OrderRow | None, Any, tuple[Hold, ...]]:
        if self.kind == "customers":
            return (buyer.external_id if buyer else ""), None, (None, None), ()
        known, holds = self.order(cells)
        show, more = self.show(cells)
        late: list[Hold] = []
        key, order = self.line(cells, known, show, late)
        return key, order, known.moments, holds + more + tuple(late)


def _together(
    buyer: PersonRow | None, attendee: PersonRow | None
) -> tuple[PersonRow | None, tuple[PersonRow, ...]]:
    """An attendee with the buyer's address is the buyer, and may lend the buyer a name.

    One without an address of their own is no record: a name alone is nobody.
    """
    if attendee is None:
        return buyer, ()
    if buyer is not None and attendee.email and attendee.email.casefold() == buyer.email.casefold():
        return _with_name(buyer, attendee), ()
    return buyer, ((attendee,) if attendee.email or attendee.phone else ())


def _with_name(buyer: PersonRow, attendee: PersonRow) -> PersonRow:
    if buyer.full_name or buyer.given_name or buyer.family_name:
        return buyer
    names = {key: getattr(attendee, key) for key in ("given_name", "family_name", "full_name")}
    return replace(buyer, **names)


def _is_nobody(buyer: PersonRow) -> bool:
    return not (
        buyer.external_id
        or buyer.email
        or buyer.phone
        or buyer.full_name
        or buyer.family_name
        or buyer.given_name
    )
