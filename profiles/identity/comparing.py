"""Two people side by side, unit by unit, and what the merged person would get."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils import formats
from django.utils.translation import gettext_lazy as _

from organisations.templatetags.foyer import language_name, phone
from profiles import listing
from profiles.identity.preview import PersonShown
from profiles.identity.units import UNITS, Unit
from profiles.models import Profile, SourceRecord
from profiles.panels import Label

Side = Literal["left", "right", "other"]


@dataclass(frozen=True, slots=True)
class Said:
    """A value, the record it comes from, and which source said so."""

    text: str
    record: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of both people.

    `winner` is whose value the rules would give the merged person; `other` is set where
    that is neither's present value.
    """

    unit: str
    label: Label
    left: Said
    right: Said
    winner: Side
    other: Said | None = None

    @property
    def is_choice(self) -> bool:
        return bool(self.left.text and self.right.text) and not self.is_same

    @property
    def is_same(self) -> bool:
        return self.left.text.casefold() == self.right.text.casefold()

    @property
    def sides(self) -> tuple[Said, Said]:
        return self.left, self.right

    @property
    def result(self) -> Said:
        if self.winner == "other" and self.other:
            return self.other
        return self.left if self.winner == "left" else self.right

    def record_of(self, side: str) -> int | None:
        """The record whose value somebody chose, None where it is none of the row's."""
        chosen = {"left": self.left, "right": self.right, "other": self.other}.get(side)
        return chosen.record if chosen else None


@dataclass(frozen=True, slots=True)
class Compared:
    """`choices` are units that both know differently, `single` those that one of them knows."""

    choices: list[Row]
    single: list[Row]
    same: list[Row]


def compare(left: Profile, right: Profile, winners: Mapping[str, int]) -> Compared:
    """`winners` maps each unit to the record that would win it in the merged person."""
    records = _records(left, right, winners)
    rows = [_row(unit, left, right, records, winners.get(unit.key)) for unit in UNITS.values()]
    known = [row for row in rows if row.left.text or row.right.text]
    return Compared(
        [row for row in known if row.is_choice],
        [row for row in known if not row.left.text or not row.right.text],
        [row for row in known if row.left.text and row.is_same],
    )


def pins(compared: Compared, chosen: Mapping[str, str], usual: Mapping[str, str]) -> dict[str, int]:
    """Unit to record, for every unit where somebody `chosen` another side than the rules' `usual` one."""
    found = {}
    for row in compared.choices:
        side = chosen.get(row.unit, "")
        record = row.record_of(side)
        if record is not None and side != usual.get(row.unit):
            found[row.unit] = record
    return found


@dataclass(frozen=True, slots=True)
class Move:
    """So many of something that the two have now, and the merged person then."""

    label: Label
    left: int
    right: int


def moves(left: PersonShown, right: PersonShown) -> list[Move]:
    """What moves along, without what neither has."""
    counted: tuple[tuple[Label, Callable[[PersonShown], int]], ...] = (
        (_("Records"), lambda person: len(person.records)),
        (_("Orders"), lambda person: person.orders),
        (_("Events"), lambda person: person.events),
        (_("Identifiers"), lambda person: len(person.identifiers)),
        (_("Tags"), lambda person: len(person.tags)),
    )
    found = [Move(label, count(left), count(right)) for label, count in counted]
    return [move for move in found if move.left or move.right]


def _records(left: Profile, right: Profile, winners: Mapping[str, int]) -> dict[int, SourceRecord]:
    ids = {*left.provenance.values(), *right.provenance.values(), *winners.values()}
    return SourceRecord.objects.select_related("source").in_bulk(ids)


def _row(
    unit: Unit, left: Profile, right: Profile, records: Mapping[int, SourceRecord], winner: int | None
) -> Row:
    one, two = (_said(unit, person, records) for person in (left, right))
    record = records.get(winner) if winner is not None else None
    side = _winning_side(one, two, record, left)
    if record is None or record.pk in (one.record, two.record):
        return Row(unit.key, unit.label, one, two, side)
    third = Said(spelled(unit.key, record), record.pk, record.source.name)
    if third.text in (one.text, two.text):
        return Row(unit.key, unit.label, one, two, "left" if third.text == one.text else "right")
    return Row(unit.key, unit.label, one, two, "other", third)


def _winning_side(one: Said, two: Said, record: SourceRecord | None, left: Profile) -> Side:
    if record is None:
        return "left" if one.text else "right"
    if record.pk == two.record:
        return "right"
    return "left" if record.pk == one.record or record.profile_id == left.pk else "right"


def _said(unit: Unit, person: Profile, records: Mapping[int, SourceRecord]) -> Said:
    record = records.get(person.provenance.get(unit.key, 0))
    return Said(
        spelled(unit.key, person), record.pk if record else None, record.source.name if record else ""
    )


def spelled(unit: str, holder: Profile | SourceRecord) -> str:
    """A unit's value as people read it; empty where it is not known."""
    if unit == "name":
        return f"{holder.given_name} {holder.family_name}".strip()
    if unit == "address":
        place = f"{holder.postal_code} {holder.city}".strip()
        return ", ".join(part for part in (holder.street, place) if part)
    if unit == "birth":
        return formats.date_format(holder.birth_date) if holder.birth_date else str(holder.birth_year or "")
    value = str(getattr(holder, UNITS[unit].fields[0]) or "")
    if unit == "phone":
        return phone(value)
    if unit == "country":
        return str(dict(listing.COUNTRIES).get(value, value))
    if unit == "language":
        return language_name(value) if value else ""
    return str(_GENDERS.get(value, value)) if unit == "gender" else value


_GENDERS = {"female": _("Woman"), "male": _("Man"), "other": _("Another gender")}
"""As `normalise.gender` writes them."""
