"""What the Permissions tab of the person page shows, put together in a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from consent import explain, lines, names, opening, reasons, staff, standing
from consent.explain import Explained
from consent.facts import NEWSLETTER
from consent.gather import Row
from consent.lines import Chosen, Line
from consent.models import Channel, ConsentEvent, Purpose
from organisations.forms import COUNTRIES
from organisations.models import Organisation
from profiles.models import Identifier, Profile


@dataclass(frozen=True, slots=True)
class Why:
    """The answer to one question, with everything it rests on (CONSENT.md C173).

    `bought` are the purchases and memberships behind the address; None where the address is
    shared, since they may be somebody else's.
    """

    told: Explained
    because: list[Line]
    opens: str
    flags: list[str]
    country: str
    bought: list[str] | None

    @property
    def what(self) -> str:
        return names.purpose(self.told.purpose)

    @property
    def channel(self) -> str:
        return names.channel(self.told.channel)


def read(person: Profile, query: Mapping[str, str]) -> dict[str, Any]:
    points = explain.contact_points(person)
    chosen = Chosen.of(query)
    ledger = lines.of(person, points, chosen)
    purposes = list(Purpose.objects.values_list("key", flat=True))
    ways = [way for point in points for way in _ways(point)]
    house = cast(Organisation, connection.tenant)  # type: ignore[attr-defined]
    return {
        "points": points,
        "standing": standing.points(person, points, ledger.shared),
        "wide": _wide(person),
        "ledger": ledger,
        "chosen": chosen,
        "filters": _filters(points, purposes),
        "ways": ways,
        "purposes": [(key, names.purpose(key)) for key in purposes],
        "askable": [(key, names.purpose(key)) for key in purposes if key != "service.event_info"],
        "scopes": staff.SCOPES,
        "scripts": standing.scripts(person, house.language),
        "asked_for": query.get("for", NEWSLETTER),
        "asked_way": query.get("why", ways[0][0] if ways else ""),
        "why": why(person, points, query, ledger.shared),
    }


def _ways(point: Identifier) -> list[tuple[str, str]]:
    """Everything that goes by a contact point, as (value, words)."""
    return [
        (f"{point.pk}:{channel}", f"{point.value} · {names.channel(channel)}")
        for channel in explain.channels_of(point.kind_id)
    ]


def _wide(person: Profile) -> list[Line]:
    """What this person said no to everywhere, and what stands of it."""
    said = ConsentEvent.objects.filter(scope="person", record__profile=person, target=None)
    related = ("identifier", "point__source", "point__form", "text", "record")
    events = list(said.select_related(*related).order_by("-position")[:10])
    found = lines.lines_of(events, person, frozenset()) if events else []
    return [line for line in found if not line.taken_back]


def _filters(points: Sequence[Identifier], purposes: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"name": "point", "label": _("Address"), "choices": [(str(each.pk), each.value) for each in points]},
        {"name": "channel", "label": _("Channel"), "choices": Channel.choices},
        {"name": "purpose", "label": _("For"), "choices": [(key, names.purpose(key)) for key in purposes]},
        {"name": "answer", "label": _("Answer"), "choices": lines.ANSWERS},
    ]


def why(
    person: Profile, points: Sequence[Identifier], query: Mapping[str, str], shared: frozenset[int]
) -> Why | None:
    """Decided now; None where nothing, or nothing that exists, was asked."""
    pk, _colon, channel = query.get("why", "").partition(":")
    point = next((each for each in points if str(each.pk) == pk), None)
    purpose = query.get("for", NEWSLETTER)
    known = Purpose.objects.filter(pk=purpose).exists()
    if point is None or channel not in explain.channels_of(point.kind_id) or not known:
        return None
    told = explain.why(point, purpose, channel)
    return answered(told, person, shared) if told else None


def answered(told: Explained, person: Profile, shared: frozenset[int]) -> Why:
    is_shared = told.identifier.pk in shared
    return Why(
        told=told,
        because=lines.lines_of(told.because, person, shared),
        opens=opening.text(told.decision.reason),
        flags=[reasons.text(flag) for flag in sorted(told.decision.flags)],
        country=str(dict[str, str | Promise](COUNTRIES).get(told.row.country, "")),
        bought=None if is_shared else bought(told.row),
    )


def bought(row: Row) -> list[str]:
    """The purchases behind an address in words, as the decision reads them."""
    return [_bought(line) for line in (row.relations or "").split("\n") if line]


def _bought(line: str) -> str:
    kind, day, until, party, _category, optout = line.split("|")
    what = {"subscription": _("Subscription"), "membership": _("Membership")}.get(kind, _("Purchase"))
    words = [f"{what} {day}"]
    if until != "-":
        words.append(_("until %(day)s") % {"day": until})
    if party != "own":
        words.append(_("from somebody else"))
    could = {"yes": _("could say no then"), "no": _("could not say no then")}
    words.append(could.get(optout, _("not known whether they could say no then")))
    return ", ".join(words)


def card(person: Profile) -> dict[str, Any]:
    """For each contact point, what may go there by every channel, and why (not)."""
    points = explain.contact_points(person)
    told = explain.explain(points, asked={kind: explain.every(kind) for kind in ("email", "phone")})
    return {
        "points": [
            {
                "identifier": point,
                "lines": [each for each in told if each.identifier.pk == point.pk and not _is_letter(each)],
            }
            for point in points
        ],
        "letters": _letters(told) if person.street else None,
        "has_street": bool(person.street),
    }


def _is_letter(told: Explained) -> bool:
    return told.question == explain.LETTERS


def _letters(told: Sequence[Explained]) -> Explained | None:
    """A letter goes to the person, not to a contact point: a no at any of them closes it."""
    found = [each for each in told if _is_letter(each)]
    closed = [each for each in found if each.decision.reason in CLOSES_LETTERS]
    open_ = [each for each in found if each.may]
    return next(iter([*closed, *open_, *found]), None)


CLOSES_LETTERS = ("RESTRICTED", "OBJECTED", "WITHDRAWN", "SUPPRESSED_AFTER_ERASURE", "OPTOUT_REGISTER")
