"""What who-is-who adds to the person page: why these records are one, the journal, who else it may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from profiles.identity import journal, networks, why_words, wording
from profiles.identity.why import Tie, Why, why
from profiles.identity.why_picture import picture
from profiles.models import IdentityAct, MatchPair, Profile
from profiles.panels import Panel

LISTED = 200
"""Rows of the table; a person with more is a reseller, and the tab says so."""
MOST_QUESTIONS = 5


def why_one(person: Profile) -> dict[str, Any]:
    """The tab "Why one person?"."""
    found = why(person)
    return {
        "sentence": why_words.sentence(found),
        "picture": picture(found),
        "ties": _ties(found),
        "records": _records(found),
        "left_out": max(0, len(found.ties) - LISTED, len(found.records) - LISTED),
        "apart": found.apart,
        "others": [each.profile for each in found.apart],
    }


def _ties(found: Why) -> list[tuple[Tie, str, list[str]]]:
    """Each with its value, and the records that it is about."""
    names = {record.pk: why_words.called(record) for record in found.records}
    return [
        (tie, why_words.value_of(tie), [names[record] for record in tie.records])
        for tie in found.ties[:LISTED]
    ]


def _records(found: Why) -> list[tuple[int, str, list[str]]]:
    """Each with what it is called, and the values it shows."""
    shows: dict[int, list[str]] = {record.pk: [] for record in found.records}
    for tie in found.ties:
        if tie.what == "identifier":
            for record in tie.records:
                shows[record].append(why_words.value_of(tie))
    return [(r.pk, why_words.called(r), shows[r.pk]) for r in found.records[:LISTED]]


@dataclass(frozen=True, slots=True)
class Question:
    """An open pair of the merge queue, from this person's side."""

    pair: MatchPair
    other: Profile
    reasons: list[str]


def possibly(person: Profile) -> dict[str, Any] | None:
    """Who else this may be: what waits in the merge queue, and the weak word of networks."""
    questions = [_question(pair, person) for pair in _open_pairs(person)]
    maybes = networks.weak_evidence(person)
    if not questions and not maybes:
        return None
    return {
        "questions": questions,
        "maybes": maybes,
        "others": [*(each.other for each in questions), *(each.profile for each in maybes)],
    }


def _open_pairs(person: Profile) -> list[MatchPair]:
    pairs = MatchPair.objects.filter(
        Q(profile_a=person) | Q(profile_b=person), state=MatchPair.State.OPEN
    ).select_related("profile_a", "profile_b")
    return list(pairs.order_by("-probability", "pk")[:MOST_QUESTIONS])


def _question(pair: MatchPair, person: Profile) -> Question:
    other = pair.profile_b if pair.profile_a_id == person.pk else pair.profile_a
    return Question(pair, other, wording.two_reasons(pair.evidence))


BASES = {
    "address": _("same address"),
    "email": _("shared e-mail address"),
    "phone": _("shared telephone"),
    "probable": _("found by the matcher"),
}
"""What people of a household have in common; other bases are kinds that the organisation made."""


def household(person: Profile) -> dict[str, Any] | None:
    """Whom this person lives with, without being one person with them."""
    from profiles.identity.households import household_of  # scipy: not for every process that starts

    lives = household_of(person)
    if lives is None:
        return None
    return {
        "members": [
            (other, [BASES.get(each, each) for each in sorted(basis)]) for other, basis in lives.others
        ],
        "others": [other for other, _basis in lives.others],
    }


_LOOKS = {
    IdentityAct.Kind.MERGE: ("git-merge", "good"),
    IdentityAct.Kind.UNMERGE: ("unlink", "warn"),
    IdentityAct.Kind.APART: ("user-x", "warn"),
    IdentityAct.Kind.UNDO: ("undo-2", ""),
    IdentityAct.Kind.UPLOAD: ("upload", "info"),
    IdentityAct.Kind.BULK: ("list-checks", "info"),
    IdentityAct.Kind.MATCH: ("sparkles", "info"),
    IdentityAct.Kind.RULES: ("sliders-horizontal", ""),
    IdentityAct.Kind.IDENTIFIER: ("key-round", ""),
    IdentityAct.Kind.PIN: ("pencil", ""),
}
ABOUT_ONE = {
    IdentityAct.Kind.MERGE, IdentityAct.Kind.UNMERGE, IdentityAct.Kind.APART, IdentityAct.Kind.PIN,
}  # fmt: skip
"""What can be taken back from one person's page: a nightly run or an upload is about many others too."""


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of the journal with its look, and whether this page may offer to take it back."""

    entry: journal.Entry
    icon: str
    tone: str
    can_undo: bool


def journal_of(person: Profile) -> dict[str, Any]:
    """The tab "Journal"."""
    entries = journal.of_profile(person)
    named = {other.public_id for entry in entries for other in entry.others}
    return {
        "told": [_told(entry) for entry in entries],
        "others": list(Profile.objects.filter(public_id__in=named).order_by("pk")),
    }


def _told(entry: journal.Entry) -> Told:
    kind = IdentityAct.Kind(entry.act.kind) if entry.act else None
    icon, tone = _LOOKS[kind] if kind else ("route", "")
    return Told(entry, icon, tone, entry.can_undo and kind in ABOUT_ONE)


PANELS = (
    Panel(
        "possibly", _("Possibly the same person"), "identity/_possibly.html", possibly, "right", position=10
    ),
    Panel("household", _("Household"), "identity/_household.html", household, "right", position=20),
    Panel("why", _("Why one person?"), "identity/_why.html", why_one, "tab", position=60),
    Panel("journal", _("Journal"), "identity/_journal.html", journal_of, "tab", position=70),
)
