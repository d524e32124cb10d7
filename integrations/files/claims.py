"""Permission columns → `ConsentClaim`s (CONSENT.md 2.4, 2.6, 2.10).

Blank is never a yes. An unknown spelling keeps the purchase and holds the answer back.
In the hour that autumn shows twice a yes takes the earlier reading, a no the later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from integrations.files import meanings, values
from integrations.files.cellwise import Cells, Holds
from integrations.files.sale import NEVER, Moments, at_clock
from integrations.files.spec import SEVERAL, Column, ConsentSetup, Spec
from integrations.files.values import BadValue, DateOrder, clean
from profiles.rows import Answer, ConsentClaim, Hold

ClaimReader = Callable[[Cells, str, Moments, Holds], tuple[ConsentClaim, ...]]

_INVERTED: dict[Answer, Answer] = {"yes": "no", "no": "blank"}
"""A column that asks "no advertising?": not to object is not to agree (CONSENT.md 0.2)."""
_WEIGHT: dict[Answer, int] = {"blank": 0, "yes": 1, "unreadable": 2, "no": 3}


def claim_reader(spec: Spec, zone: ZoneInfo) -> ClaimReader:
    """Compiles the permission columns. Columns of one collection point make one claim."""
    asked: dict[str, list[tuple[int, Column]]] = {}
    for at, column in spec.pairs:
        if column.consent is not None and column.target == "consent.answer":
            asked.setdefault(column.consent.point, []).append((at, column))
    if not asked:
        return lambda _cells, _order, _moments, _holds: ()
    dated = _date_reader(spec, zone)
    points = [_point_reader(columns, zone) for columns in asked.values()]

    def claims(cells: Cells, order: str, moments: Moments, holds: Holds) -> tuple[ConsentClaim, ...]:
        given = dated(cells) if dated else NEVER
        found = []
        for point in points:
            claim = point(cells, order, moments, given, holds)
            if claim is not None:
                found.append(claim)
        return tuple(found)

    return claims


PointReader = Callable[[Cells, str, Moments, Moments, Holds], ConsentClaim | None]
Answered = tuple[Answer, Moments]


def _point_reader(columns: list[tuple[int, Column]], zone: ZoneInfo) -> PointReader:
    setup = cast(ConsentSetup, columns[0][1].consent)
    read = _one_column(*columns[0], zone) if len(columns) == 1 else _several_columns(columns, zone)
    key, moment, with_blanks = setup.point, setup.moment, setup.optout_offered == "yes"

    def point(
        cells: Cells, order: str, moments: Moments, given: Moments, holds: Holds
    ) -> ConsentClaim | None:
        answer, own = read(cells, holds)
        if answer == "blank" and not with_blanks:
            return None
        event = ""
        if own[0] is None and moment == "order":
            own, event = moments, f"{order}/{key}" if order else ""
        elif own[0] is None and moment == "date":
            own = given
        return ConsentClaim(key, answer, own[1] if answer == "no" else own[0], order, event)

    return point


def _one_column(at: int, column: Column, zone: ZoneInfo) -> Callable[[Cells, Holds], Answered]:
    read = _answer_reader(column, zone)

    def answer(cells: Cells, holds: Holds) -> Answered:
        found = read(cells[at])
        if found[0] == "unreadable":
            told = _("Neither a yes nor a no. The purchase is kept.")
            holds.append(Hold(column.title, cells[at][:200], "answer", told))
        return found

    return answer


def _several_columns(columns: list[tuple[int, Column]], zone: ZoneInfo) -> Callable[[Cells, Holds], Answered]:
    """When several columns ask one question, a no outweighs a yes."""
    reads = [_one_column(at, column, zone) for at, column in columns]
    return lambda cells, holds: max(
        [read(cells, holds) for read in reads], key=lambda found: _WEIGHT[found[0]]
    )


def _answer_reader(column: Column, zone: ZoneInfo) -> Callable[[str], tuple[Answer, Moments]]:
    inverted = cast(ConsentSetup, column.consent).inverted
    order = cast(DateOrder, column.dates or "dmy")
    known: dict[str, tuple[Answer, Moments]] = {}

    def read(text: str) -> tuple[Answer, Moments]:
        found = known.get(text)
        if found is None:
            found = _answered_several(text, order, zone)
            if inverted:
                found = _INVERTED.get(found[0], found[0]), found[1]
            if len(known) < 5_000:
                known[text] = found
        return found

    return read


def _answered_several(text: str, order: DateOrder, zone: ZoneInfo) -> tuple[Answer, Moments]:
    """Columns of one name come packed into one cell; the strongest answer counts."""
    each = [_answered(clean(part), order, zone) for part in text.split(SEVERAL)]
    return max(each, key=lambda found: _WEIGHT[found[0]])


def _answered(text: str, order: DateOrder, zone: ZoneInfo) -> tuple[Answer, Moments]:
    """A date in place of an answer is a yes on that date, if it is one at all."""
    answer = meanings.answer(text)
    if answer != "yes" or not meanings.is_date_like(text):
        return answer, NEVER
    moments = _both(text, order, zone)
    return ("yes", moments) if moments[0] else ("unreadable", moments)


def _date_reader(spec: Spec, zone: ZoneInfo) -> Callable[[Cells], Moments] | None:
    found = next(((at, column) for at, column in spec.pairs if column.target == "consent.date"), None)
    if found is None:
        return None
    at, column = found
    order = cast(DateOrder, column.dates or "dmy")
    return lambda cells: _both(clean(cells[at]), order, zone)


def _both(text: str, order: DateOrder, zone: ZoneInfo) -> Moments:
    """The earliest and the latest instant that a date, or a time, can mean."""
    try:
        return at_clock(values.moment(text, order, zone), None, zone)
    except BadValue:
        return NEVER
