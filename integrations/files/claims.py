"""Permission columns → `ConsentClaim`s (CONSENT.md 2.4, 2.6, 2.10).

Blank is never a yes. An unknown spelling keeps the purchase and holds the answer back.
In the hour that autumn shows twice a yes takes the earlier reading, a no the later.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from integrations.files import meanings, values
from integrations.files.parts import Cells, Holds, end_of_day
from integrations.files.spec import SEVERAL, Column, ConsentSetup, Spec
from integrations.files.values import BadValue, DateOrder, clean
from profiles.rows import Answer, ConsentClaim, Hold

Moments = tuple[datetime | None, datetime | None]
ClaimReader = Callable[[Cells, str, Moments, Holds], tuple[ConsentClaim, ...]]

_INVERTED: dict[Answer, Answer] = {"yes": "no", "no": "blank"}
"""A column that asks "no advertising?": not to object is not to agree (CONSENT.md 0.2)."""
_WEIGHT: dict[Answer, int] = {"blank": 0, "yes": 1, "unreadable": 2, "no": 3}
"""When several columns ask one question, a no outweighs a yes."""


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
        given = dated(cells) if dated else (None, None)
        found = [point(cells, order, moments, given, holds) for point in points]
        return tuple(claim for claim in found if claim is not None)

    return claims


PointReader = Callable[[Cells, str, Moments, Moments, Holds], ConsentClaim | None]


def _point_reader(columns: list[tuple[int, Column]], zone: ZoneInfo) -> PointReader:
    setup = cast(ConsentSetup, columns[0][1].consent)
    parts = [(at, column.title, _answer_reader(column, zone)) for at, column in columns]
    tells_when = setup.moment
    with_blanks = setup.optout_offered == "yes"

    def point(
        cells: Cells, order: str, moments: Moments, given: Moments, holds: Holds
    ) -> ConsentClaim | None:
        answer: Answer = "blank"
        own: Moments = (None, None)
        for at, label, read in parts:
            found, when = read(cells[at])
            if found == "unreadable":
                holds.append(
                    Hold(label, cells[at][:200], "answer", _("Neither a yes nor a no. The purchase is kept."))
                )
            if _WEIGHT[found] > _WEIGHT[answer]:
                answer, own = found, when
        if answer == "blank" and not with_blanks:
            return None
        pair = own if own[0] else given if tells_when == "date" else moments if tells_when == "order" else own
        event = f"{order}/{setup.point}" if order and tells_when == "order" else ""
        return ConsentClaim(setup.point, answer, pair[1] if answer == "no" else pair[0], order, event)

    return point


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
        return answer, (None, None)
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
        early: Any = values.moment(text, order, zone)
        late: Any = values.moment(text, order, zone, later=True)
    except BadValue:
        return None, None
    if early is None:
        return None, None
    return early[0], (late[0] if late[1] else end_of_day(late[0]))
