"""What the matcher's comparisons, levels and reasons are called on pages: one place, translatable.

Comparisons and levels are those of `matching.compare`, reasons those of `matching.bands` and
`asking`; a test holds them together, so that no page needs the matcher's libraries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

COMPARISONS: Mapping[str, Promise] = {
    "name": _("name"),
    "birth": _("birth date"),
    "email": _("e-mail"),
    "phone": _("phone"),
    "account": _("customer number"),
    "source": _("source"),
    "address": _("address"),
    "second_line": _("second address line"),
    "prior": _("Starting point: of all pairs that look a little alike, few are one person"),
}

LEVELS: Mapping[str, Promise] = {
    # name: given, family, and both changed round
    "given name differs": _("other given name"),
    "initial fits": _("given name fits the initial"),
    "given name nearly the same": _("given name nearly the same"),
    "given name's variant": _("given name is a variant"),
    "given name same": _("same given name"),
    "family name differs": _("other family name"),
    "part of family name": _("part of the family name is the same"),
    "family name nearly the same": _("family name nearly the same"),
    "family name same": _("same family name"),
    "names swapped, nearly the same": _("given and family name changed round, nearly the same"),
    "one name in the other's place": _("one name stands in the other's place"),
    "names swapped": _("given and family name changed round"),
    # birth
    "birth date differs": _("other birth date"),
    "birth year differs": _("other birth year"),
    "same birth year, other day": _("same birth year, other day"),
    "birth year one apart": _("birth years one apart"),
    "same birth year, day unknown": _("same birth year, day not known"),
    "same day, other year": _("same birthday, other year"),
    "birth date two slips apart": _("birth dates two slips of the pen apart"),
    "birth date one slip apart": _("birth dates one slip of the pen apart"),
    "day and month swapped": _("day and month of birth changed round"),
    "birth date same": _("same birth date"),
    # e-mail, phone, accounts
    "e-mail differs": _("other e-mail"),
    "e-mail resembles": _("e-mail alike before the @"),
    "local part nearly the same": _("e-mail nearly the same before the @"),
    "local part same": _("e-mail the same before the @"),
    "e-mail same": _("same e-mail"),
    "phone differs": _("other phone"),
    "phone one slip apart": _("phones one slip of the pen apart"),
    "phone same": _("same phone"),
    "account differs": _("other customer number in the same source"),
    "account same": _("same customer number"),
    "account differs, other source": _("other customer number, in another source"),
    "account same, other source": _("same customer number, in another source"),
    "same source": _("both in one source"),
    "other source": _("in two sources"),
    # address: street with number, and place
    "street differs": _("other street"),
    "street differs, number unknown": _("other street"),
    "same street, other number": _("same street, other number"),
    "street nearly the same, same number": _("street nearly the same, same number"),
    "street nearly the same, number unknown": _("street nearly the same, number not known"),
    "street and number same": _("same street and number"),
    "street same, number unknown": _("same street, number not known"),
    "place differs": _("other place"),
    "city same or nearly": _("same city"),
    "city and postal code nearly the same": _("city and postal code nearly the same"),
    "postal code and city same": _("same postal code and city"),
    "postal code same": _("same postal code"),
    "postal code differs": _("other postal code"),
    "postal code one slip apart": _("postal codes one slip of the pen apart"),
    "postal code same, city unknown": _("same postal code"),
    "city differs": _("other city"),
    "city nearly the same": _("city nearly the same"),
    "city same, postal code unknown": _("same city, postal code not known"),
    "second line differs": _("other second address line"),
    "second line nearly the same": _("second address line nearly the same"),
    "second line same": _("same second address line"),
}

BLOCKED_BY: Mapping[str, Promise] = {
    "": _("Not certain enough"),
    "birth_dates": _("Two birth dates"),
    "accounts": _("Two customer numbers in one source"),
    "limit": _("More of something than one person may have"),
    "size": _("Many records together"),
    "contradiction": _("Something else speaks against it"),
    "told_apart": _("Told apart before"),
}
"""Why a pair was not merged by itself."""

BLOCKED_HELP: Mapping[str, Promise] = {
    "birth_dates": _(
        "The two have different birth dates. However alike the rest is, only a person may judge this."
    ),
    "accounts": _(
        "One source knows them under two customer numbers. Sources do make a person twice, but not often."
    ),
    "limit": _(
        "Together they would have more e-mail addresses, phones or numbers than the rules allow one person."
    ),
    "size": _("Together they would have more records than is usual for one person."),
    "contradiction": _("The records of the two, taken together, speak against each other."),
    "told_apart": _("Somebody said that they are not the same, and they look different now."),
}

RULES: Mapping[str, Promise] = {
    "probable": _("Found by the matcher"),
    "lifted": _("Once merged by the matcher"),
}
"""What proposed a pair (MatchPair.rule)."""

LIFTED_HELP = _("The matcher once merged these two by itself. With what is known today it would not.")

NOT_THE_SAME: tuple[tuple[str, Promise], ...] = (
    ("household", _("Two people in one household")),
    ("parent", _("Parent and child")),
    ("namesake", _("Another person with the same name")),
    ("shared", _("They only share an e-mail or phone")),
    ("colleague", _("Colleagues, or one ordered for the other")),
)
"""Quick reasons why two people are not one."""


VERBS: Mapping[str, Promise] = {
    "band.approved": _("Likely pairs approved together"),
    "thresholds.changed": _("Matcher's thresholds changed"),
}
"""What the audit log calls what is done in the queue beside answering."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece in words. `width` is its bar's length in per cent of the strongest piece's."""

    words: str
    weight: float
    width: str
    left: str
    right: str
    is_prior: bool

    @property
    def speaks_for(self) -> bool:
        return self.weight >= 0


def level_words(level: str) -> list[str]:
    """A level in words: a name or address is two, given and family, street and place."""
    if level in LEVELS:
        return [str(LEVELS[level])]
    for at, char in enumerate(level):
        first, second = level[:at], level[at + 2 :]
        if char == "," and first in LEVELS and second in LEVELS:
            return [str(LEVELS[first]), str(LEVELS[second])]
    return [level] if level else []


def piece_words(piece: Mapping[str, Any]) -> str:
    """One stored piece in words: "Same given name, family name nearly the same"."""
    words = level_words(str(piece.get("level", "")))
    comparison = str(piece.get("comparison", ""))
    return capfirst(", ".join(words)) if words else str(COMPARISONS.get(comparison, comparison))


def why_not_automatic(rule: str, blocked_by: str) -> str:
    """What kept a pair from being merged by itself."""
    return str(BLOCKED_BY.get(blocked_by, blocked_by) if blocked_by else RULES.get(rule, rule))


def evidence(pieces: Iterable[Mapping[str, Any]]) -> list[Evidence]:
    """The stored pieces (`matching.evidence.Piece`) in words, with bars, as they come."""
    stored = list(pieces)
    most = max((abs(float(piece["weight"])) for piece in stored), default=0) or 1
    return [_evidence(piece, most) for piece in stored]


def _evidence(piece: Mapping[str, Any], most: float) -> Evidence:
    weight = float(piece["weight"])
    left, right = str(piece.get("left", "")), str(piece.get("right", ""))
    differ = left and right and left != right
    return Evidence(
        piece_words(piece),
        weight,
        f"{100 * abs(weight) / most:.1f}",
        left if differ else "",
        right if differ else "",
        piece.get("comparison") == "prior",
    )


WORTH_SAYING = 0.5
"""log2 odds; a piece of evidence that weighs less is no reason to name."""


def two_reasons(pieces: Iterable[Mapping[str, Any]]) -> list[str]:
    """The two pieces that speak most for one person, in words."""
    known = [p for p in pieces if p.get("comparison") != "prior" and float(p["weight"]) >= WORTH_SAYING]
    known.sort(key=lambda piece: -float(piece["weight"]))
    return [piece_words(piece) for piece in known[:2]]


def reason_words(reason: str) -> str:
    """A stored reason: a quick one's words, or what somebody wrote."""
    return str(dict(NOT_THE_SAME).get(reason, reason))


def changed(before: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]]) -> list[str]:
    """What the two are compared by that is not what it was: ["phone", "address"]."""
    old, new = _values(before), _values(now)
    return [str(words) for name, words in COMPARISONS.items() if old.get(name) != new.get(name)]


def _values(pieces: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """Values by comparison, whichever side they stood on."""
    return {
        str(piece["comparison"]): frozenset((str(piece.get("left", "")), str(piece.get("right", ""))))
        for piece in pieces
        if piece["comparison"] != "prior"
    }
