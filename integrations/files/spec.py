"""A mapping as data: which column goes where, and how its cells are to be read.

Stored as JSON, versioned, never edited in place (`models.Mapping`). Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from json import dumps
from operator import itemgetter
from typing import Any, Literal
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from integrations.files.layout import labels, occurrences
from integrations.files.targets import BY_KEY, doubled
from integrations.files.words import fold

RowKind = Literal["tickets", "orders", "customers"]
Moment = Literal["flag", "order", "date"]
Offered = Literal["yes", "no", "unknown"]

SEVERAL = " | "
"""Stands between the cells of equally named columns that were packed into one."""


@dataclass(frozen=True, slots=True)
class ConsentSetup:
    """What a person said a permission column means (CONSENT.md 2.4, 2.6).

    `no_is_refusal`: whether a "No" is what the buyer answered, or only a box left empty.
    `inverted`: the column asks the other way round ("no advertising, please").
    `moment`: when the answer was given: with the order, on the date in the date column,
    or unknown because the system only repeats a flag.
    """

    point: str
    purpose: str = "marketing.newsletter"
    channels: tuple[str, ...] = ("email",)
    words: str = ""
    no_is_refusal: bool = False
    inverted: bool = False
    optout_offered: Offered = "unknown"
    moment: Moment = "flag"
    verified_by: str = ""
    verified_at: str = ""

    @property
    def is_verified(self) -> bool:
        return bool(self.verified_by and self.verified_at and self.words)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file. `nth` tells equal headers apart; 0 means all of that name."""

    header: str
    nth: int = 1
    target: str = ""
    name: str = ""
    dates: str = ""
    decimal: str = ""
    consent: ConsentSetup | None = None

    @property
    def title(self) -> str:
        return self.header if self.nth < 2 else f"{self.header} ({self.nth})"


@dataclass(frozen=True, slots=True)
class Options:
    """What holds for the whole file. Empty text means: find out, or take the source's.

    `statuses` gives a meaning to status words that the dictionary does not know.
    """

    rows: RowKind = "tickets"
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    country: str = ""
    time_zone: str = ""
    currency: str = ""
    blank_status: str = "paid"
    product_kind: str = "show"
    statuses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spec:
    columns: tuple[Column, ...] = ()
    options: Options = Options()

    def to_json(self) -> dict[str, Any]:
        return {"columns": [asdict(column) for column in self.columns], "options": asdict(self.options)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Spec:
        columns = tuple(_column(item) for item in data.get("columns", ()))
        return cls(columns, Options(**data.get("options", {})))

    @property
    def pairs(self) -> tuple[tuple[int, Column], ...]:
        """The mapped columns with their place among the packed cells."""
        return tuple(enumerate(column for column in self.columns if column.target))

    @property
    def titles(self) -> tuple[str, ...]:
        """Names of the packed cells, each different."""
        return labels(tuple(column.title for _at, column in self.pairs))

    def reading(self) -> str:
        """The same for two mappings that read every row alike, whoever vouched for their questions."""
        told = self.to_json()
        for column in told["columns"]:
            for name in ("words", "verified_by", "verified_at"):
                (column["consent"] or {}).pop(name, None)
        return "mapping " + blake2b(dumps(told, sort_keys=True).encode(), digest_size=12).hexdigest()

    def targets(self) -> list[str]:
        return [column.target for column in self.columns if column.target]


def _column(data: Mapping[str, Any]) -> Column:
    consent = data.get("consent")
    if consent is not None:
        consent = ConsentSetup(**{**consent, "channels": tuple(consent["channels"])})
    return Column(**{**data, "consent": consent})


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a mapping cannot be used. `at` is the column's place, None for the whole."""

    message: str
    at: int | None = None


def problems(spec: Spec) -> list[Problem]:
    """Everything that must be mended before the mapping can be saved."""
    return [*_column_problems(spec.columns), *_whole_problems(spec)]


def _column_problems(columns: Sequence[Column]) -> Iterable[Problem]:
    twice = doubled(column.target for column in columns)
    for at, column in enumerate(columns):
        if column.target and column.target not in BY_KEY:
            yield Problem(_("There is no such field."), at)
        elif column.target in twice or (column.nth == 0 and column.target and not BY_KEY[column.target].many):
            yield Problem(
                _("Two columns cannot both go to “%(field)s”.") % {"field": BY_KEY[column.target].label}, at
            )
        elif column.target == "consent.answer":
            yield from _consent_problems(column, at)


def _consent_problems(column: Column, at: int) -> Iterable[Problem]:
    if column.consent is None or not column.consent.channels:
        yield Problem(_("Say what a yes in this column means, and for which channels."), at)
    elif column.consent.verified_by and not column.consent.words.strip():
        yield Problem(_("To vouch for this question, copy the words the buyer saw."), at)


def is_zone(name: str) -> bool:
    return bool(name) and name in available_timezones()


def _whole_problems(spec: Spec) -> Iterable[Problem]:
    if spec.options.time_zone and not is_zone(spec.options.time_zone):
        yield Problem(_("There is no time zone of this name. It is written like Europe/Oslo."))
    targets = set(spec.targets())
    contact = {"buyer.email", "buyer.mobile", "buyer.phone", "buyer.customer_id"}
    if spec.options.rows == "customers" and not targets & contact:
        yield Problem(_("No column says who the person is: map an e-mail, a phone or a customer number."))
    if spec.options.rows != "customers" and not targets & {"order.number", "ticket.id", "ticket.barcode"}:
        yield Problem(_("No column tells one purchase from another: map an order number or a ticket number."))


# --- a mapping meets a file ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bound:
    """A mapping laid onto a header: the places of each mapped column, what is missing, what is new."""

    places: tuple[tuple[int, ...], ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]

    def packer(self) -> Callable[[Sequence[str]], list[str]]:
        """The mapped cells of a row in the mapping's order. All others are left behind, unread:
        what nobody asked for is not stored (GDPR Art. 5(1)(c))."""
        if all(len(at) == 1 for at in self.places):
            single = [at[0] for at in self.places]
            if len(single) == 1:
                return lambda cells: [cells[single[0]]]
            pick = itemgetter(*single)
            return lambda cells: list(pick(cells))
        return lambda cells: [_packed(cells, at) for at in self.places]


def _packed(cells: Sequence[str], places: Sequence[int]) -> str:
    if len(places) == 1:
        return cells[places[0]]
    return SEVERAL.join(dict.fromkeys(cells[at] for at in places if cells[at].strip()))


def bind(spec: Spec, header: tuple[str, ...]) -> Bound:
    """Columns are found by name, never by place: an export that moves them is no trouble."""
    free = {key: at for at, key in enumerate(occurrences(tuple(map(_name, header))))}
    places: list[tuple[int, ...]] = []
    missing: list[str] = []
    for column in spec.columns:
        found = _places_of(column, free)
        if column.target and found:
            places.append(tuple(found))
        elif column.target:
            missing.append(column.title)
        free = {key: at for key, at in free.items() if at not in found}
    unknown = tuple(header[at] for at in sorted(free.values()) if header[at])
    return Bound(tuple(places), tuple(missing), unknown)


def _places_of(column: Column, free: Mapping[tuple[str, int], int]) -> list[int]:
    name = _name(column.header)
    if column.nth == 0:
        return [at for (found, _nth), at in free.items() if found == name]
    at = free.get((name, column.nth))
    return [] if at is None else [at]


def _name(header: str) -> str:
    return fold(header) or header.strip()
