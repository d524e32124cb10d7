"""What a column's cells look like, judged over a sample of the file.

Settles what a single cell leaves open: whether 03.04.2026 is in March or April, and
whether 1.250 is a thousand or a little more than one. Where the whole sample leaves it
open too, the guess is marked so that a person can be asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from integrations.files.meanings import answer, status
from integrations.files.values import BadValue, DateOrder, Decimal_, clean

Kind = Literal["empty", "email", "moment", "time", "money", "number", "answer", "status", "country", "text"]

SAMPLE_ROWS = 500
MOSTLY = 0.8

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}")
_PHONE = re.compile(r"(?:\+|00)?[\d ()/-]{8,18}")
_THREE = re.compile(r"(\d{1,4})\s?[./-]\s?(\d{1,2})\s?[./-]\s?(\d{1,4})(?!\d)")
_WORDY_DATE = re.compile(r"\d{1,2}\.?[ -][^\W\d_]{3,10}\.?[ -]\d{2,4}.*")
_CLOCK = re.compile(r"(?:kl\.?\s*)?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*[ap]\.?m\.?)?", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,]0+)?")
_MONEY = re.compile(
    r"(?:kr\.?|nok|dkk|sek|eur|[€$£])?\s*\(?-?\d[\d ]*(?:[.,]\d{3})*(?:[.,]\d{1,2}|,-)?\)?\s*"
    r"(?:kr\.?|nok|dkk|sek|eur|€|,-)?",
    re.IGNORECASE,
)
_POINTED = re.compile(r"\d[.,]\d")


@dataclass(frozen=True, slots=True)
class Look:
    """`filled` counts the cells that hold something; `samples` are the first few different ones.

    `mixed` marks a column in which some cells only make sense day first and others only
    month first: no order is right for all of it.
    """

    kind: Kind = "empty"
    filled: int = 0
    dates: DateOrder = "dmy"
    dates_open: bool = False
    mixed: bool = False
    decimal: Decimal_ = ","
    decimal_open: bool = False
    phone_like: bool = False
    samples: tuple[str, ...] = ()


def judge(
    rows: Iterable[Sequence[str]], width: int, *, country: str = "NO", delimiter: str = ";"
) -> list[Look]:
    """One `Look` per column."""
    columns: list[list[str]] = [[] for _ in range(width)]
    for cells in rows:
        for column, cell in zip(columns, cells, strict=False):
            found = clean(cell)
            if found:
                column.append(found)
    usual: Decimal_ = "." if country in ("US", "GB", "IE") else ","
    usual = _usual_decimal(columns, usual, delimiter)
    return [_look(column, country, usual) for column in columns]


def _look(cells: list[str], country: str, usual: Decimal_) -> Look:
    if not cells:
        return Look(decimal=usual)
    dates, dates_open, mixed = date_order(cells, country)
    decimal, decimal_open = decimal_sign(cells, usual)
    return Look(
        kind=_kind(cells),
        filled=len(cells),
        dates=dates,
        dates_open=dates_open,
        mixed=mixed,
        decimal=decimal,
        decimal_open=decimal_open,
        phone_like=_share(cells, lambda cell: _PHONE.fullmatch(cell) is not None) >= MOSTLY,
        samples=tuple(dict.fromkeys(cells))[:5],
    )


def _share(cells: list[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, cells)) / len(cells)


def _is_status(cell: str) -> bool:
    try:
        return len(cell) > 1 and status(cell) is not None
    except BadValue:
        return False


def _is_moment(cell: str) -> bool:
    return _THREE.match(cell) is not None or _WORDY_DATE.fullmatch(cell) is not None


_TESTS: tuple[tuple[Kind, Callable[[str], bool]], ...] = (
    ("email", lambda cell: _EMAIL.fullmatch(cell) is not None),
    ("moment", _is_moment),
    ("time", lambda cell: _CLOCK.fullmatch(cell) is not None and not cell.endswith((".00", ".50"))),
    ("number", lambda cell: _NUMBER.fullmatch(cell) is not None),
    ("money", lambda cell: _MONEY.fullmatch(cell) is not None),
    ("answer", lambda cell: answer(cell) in ("yes", "no")),
    ("status", _is_status),
)


def _kind(cells: list[str]) -> Kind:
    if _share(cells, lambda cell: cell in {"0", "1", "x", "X"}) >= MOSTLY:
        return "answer"
    for kind, test in _TESTS:
        if _share(cells, test) >= MOSTLY:
            return kind
    return "text"


def date_order(cells: Iterable[str], country: str = "NO") -> tuple[DateOrder, bool, bool]:
    """(order, whether the sample leaves it open, whether the sample contradicts itself)."""
    found = [match.groups() for cell in cells if (match := _THREE.match(cell))]
    usual: DateOrder = "mdy" if country == "US" else "dmy"
    short = [(int(a), int(b)) for a, b, _c in found if len(a) <= 2]
    if not short:
        return "ymd" if found else usual, False, False
    day_first = any(a > 12 for a, _b in short)
    month_first = any(b > 12 for _a, b in short)
    if day_first and month_first:
        return usual, False, True
    if not day_first and not month_first:
        return usual, True, False
    return ("dmy" if day_first else "mdy"), False, False


def decimal_sign(cells: Iterable[str], usual: Decimal_) -> tuple[Decimal_, bool]:
    """(sign, whether the sample leaves it open)."""
    votes = [vote for cell in cells if (vote := _decimal_vote(cell)) is not None]
    points, commas = votes.count("."), votes.count(",")
    if points != commas:
        return ("." if points > commas else ","), False
    return usual, bool(votes)


def _decimal_vote(cell: str) -> str | None:
    """`.` or `,` where the cell settles it, "" where it has a sign but does not, else None."""
    if not _POINTED.search(cell):
        return None
    last = max(cell.rfind("."), cell.rfind(","))
    sign, other = cell[last], "," if cell[last] == "." else "."
    if cell.count(sign) > 1:
        return other
    digits = len(re.match(r"\d*", cell[last + 1 :])[0])  # type: ignore[index]
    if digits == 3 and other not in cell:
        return ""
    return sign if digits in (1, 2) or other in cell else ""


def _usual_decimal(columns: list[list[str]], usual: Decimal_, delimiter: str) -> Decimal_:
    """What the file's amounts say together; a file cut at commas writes points."""
    amounts = [cell for column in columns for cell in column if _MONEY.fullmatch(cell)]
    return decimal_sign(amounts, "." if delimiter == "," else usual)[0]
