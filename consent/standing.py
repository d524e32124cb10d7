"""Where each permission of a person stands, as the ledger alone says: for the permissions tab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent import explain, lines, names
from consent.lines import Line
from consent.models import ConsentEvent, ConsentState, ConsentText
from profiles.models import Identifier, Profile

State = ConsentState.State
STATES: Mapping[str, tuple[str, str | Promise]] = {
    State.GIVEN: ("yes", _("Yes")),
    State.REQUESTED: ("waiting", _("Waits for the click")),
    State.REFUSED: ("no", _("No")),
    State.WITHDRAWN: ("no", _("Taken back")),
    State.LAPSED: ("expired", _("Lapsed")),
    State.UNKNOWN: ("unknown", _("Not known")),
}
RELATED = ("identifier", "point__source", "point__form", "text", "record")
CLAIMED = ("waiting", _("Claimed, not proven"))


@dataclass(frozen=True, slots=True)
class Permission:
    """One purpose by one channel at one contact point. `line` decided it, None where nothing was said."""

    purpose: str
    channel: str
    badge: str
    label: str | Promise
    line: Line | None

    @property
    def what(self) -> str:
        return names.purpose(self.purpose)

    @property
    def by(self) -> str:
        return names.channel(self.channel)


@dataclass(frozen=True, slots=True)
class Point:
    """A contact point with everything that was ever said about it. `silent` are the purposes nobody
    has said anything about."""

    identifier: Identifier
    shared: bool
    permissions: list[Permission]
    silent: str


def points(person: Profile, found: Sequence[Identifier], shared: frozenset[int]) -> list[Point]:
    """Every contact point with where its permissions stand, in a constant number of queries."""
    states = list(ConsentState.objects.filter(identifier__in=[each.pk for each in found]))
    events = [*_deciding(states), *_claims(found)]
    told = {line.event.position: line for line in lines.lines_of(events, person, shared)}
    return [
        _point(each, [state for state in states if state.identifier_id == each.pk], told, each.pk in shared)
        for each in found
    ]


def _deciding(states: Sequence[ConsentState]) -> list[ConsentEvent]:
    positions = [state.deciding_event_id for state in states if state.deciding_event_id]
    return list(ConsentEvent.objects.select_related(*RELATED).filter(position__in=positions))


def _claims(found: Sequence[Identifier]) -> list[ConsentEvent]:
    """A yes without proof decides nothing; where nothing else was said it is what there is to show."""
    said = ConsentEvent.objects.filter(identifier__in=[each.pk for each in found], type="GRANT", proof="C")
    return list(said.filter(target=None).select_related(*RELATED).order_by("position")[: lines.MOST])


def _point(
    identifier: Identifier, states: list[ConsentState], told: Mapping[int, Line], shared: bool
) -> Point:
    places = {key: number for number, key in enumerate(names.PURPOSES)}
    states.sort(key=lambda state: (places.get(state.purpose, len(places)), state.channel))
    permissions = [_permission(state, told) for state in states]
    spoken = {state.purpose for state in states}
    silent = [] if "*" in spoken else [key for key in names.ASKABLE if key not in spoken]
    return Point(identifier, shared, permissions, names.purposes(silent))


def _permission(state: ConsentState, told: Mapping[int, Line]) -> Permission:
    line = told.get(state.deciding_event_id) if state.deciding_event_id else None
    badge, label = STATES[state.state]
    if state.state == State.UNKNOWN and (claim := _claim(state, told)):
        line, (badge, label) = claim, CLAIMED
    return Permission(state.purpose, state.channel, badge, label, line)


def _claim(state: ConsentState, told: Mapping[int, Line]) -> Line | None:
    """The newest claim of this permission that still stands."""
    key = (state.identifier_id, state.purpose, state.channel)
    found = [line for line in told.values() if line.is_claim and not line.taken_back and line.key == key]
    return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Script:
    """Words to read aloud, and what a yes to them opens at one sort of contact point."""

    text: ConsentText
    kinds: list[str]

    @property
    def asks(self) -> str:
        return names.purposes(self.text.purposes)

    @property
    def by(self) -> str:
        return names.channels(self.text.channels)


def scripts(person: Profile, language: str) -> list[Script]:
    """The newest registered texts for asking aloud: in the person's language, else the house's, else any."""
    aloud = ConsentText.objects.filter(control=ConsentText.Control.ORAL)
    newest = list(aloud.order_by("name", "locale", "-version").distinct("name", "locale"))
    for wish in (person.language[:2], language):
        wish = "nb" if wish in ("no", "nn") else wish
        if found := [each for each in newest if each.locale == wish]:
            return [Script(each, _kinds(each)) for each in found]
    return [Script(each, _kinds(each)) for each in newest]


def _kinds(text: ConsentText) -> list[str]:
    reached = {kind for kind in ("email", "phone") if set(explain.channels_of(kind)) & set(text.channels)}
    return sorted(reached)
