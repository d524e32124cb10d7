"""From a column's header and cells to where the column probably belongs.

A suggestion scores from 0 to 1. What the header says and what the cells look like are
weighed together: a column called "E-post" full of Ja and Nei is a permission.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from integrations.files.judge import Look
from integrations.files.targets import BY_KEY
from integrations.files.vocabulary import wordlist
from integrations.files.words import fold, header_words, squeeze

ENOUGH = 0.45


@cache
def _hints(name: str) -> frozenset[str]:
    return frozenset(fold(word) for word in wordlist("hints")[name])


def _mentions(squeezed: str, *names: str) -> bool:
    return any(word in squeezed for name in names for word in _hints(name))


@cache
def _targets() -> dict[str, list[str]]:
    return {heading: words for heading, words in wordlist("columns").items() if heading in BY_KEY}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`target` is "" for a column best left out; `never` marks one that should not be kept."""

    target: str = ""
    score: float = 0.0
    never: bool = False


@cache
def _whole() -> dict[str, str]:
    """{squeezed header: target}. The first target that claims a header keeps it."""
    found: dict[str, str] = {}
    for target, terms in _targets().items():
        for term in terms:
            found.setdefault(squeeze(term), target)
    return found


@cache
def _by_words() -> list[tuple[frozenset[str], str]]:
    """Every header of several words, or one long one, as a set of words."""
    return [
        (frozenset(fold(term).split()), target)
        for target, terms in _targets().items()
        for term in terms
        if len(squeeze(term)) >= 3 and squeeze(term) not in _hints("vague")
    ]


@cache
def _never() -> frozenset[str]:
    return frozenset(squeeze(term) for term in wordlist("columns")["never"])


def is_known_header(cell: str) -> bool:
    """Whether the text stands in the dictionary as it is."""
    squeezed = squeeze(header_words(cell))
    return squeezed in _whole() or squeezed in _never()


@lru_cache(maxsize=5_000)
def by_name(header: str) -> tuple[tuple[str, float], ...]:
    """Targets that the header alone speaks for, best first."""
    words = header_words(header)
    squeezed = squeeze(words)
    scores: dict[str, float] = {}
    if squeezed in _whole():
        scores[_whole()[squeezed]] = 1.0
    for target, score in (*_partly(frozenset(words.split())), *_about_consent(words)):
        scores[target] = max(scores.get(target, 0.0), score)
    return tuple(sorted(scores.items(), key=lambda item: -item[1]))


def _partly(words: frozenset[str]) -> list[tuple[str, float]]:
    """Terms all of whose words stand in the header; each further word costs."""
    attendee = bool(words & _hints("attendee"))
    rest = words - _hints("buyer")
    found = []
    for term, target in _by_words():
        if term <= words and attendee == target.startswith("attendee."):
            extra = len((rest if target.startswith("buyer.") else words) - term)
            found.append((target, max(0.0, 0.85 - 0.15 * extra)))
    return found


def _about_consent(words: str) -> list[tuple[str, float]]:
    squeezed = words.replace(" ", "")
    told = _mentions(squeezed, "consent")
    dated = any(word in squeezed for word in ("dato", "datum", "date", "tidspunkt", "timestamp"))
    if not told or _mentions(squeezed, "not_consent"):
        return []
    return [("consent.date", 0.75)] if dated else [("consent.answer", 0.7)]


_FITS = {
    "moment": {"moment", "date"},
    "time": {"time"},
    "money": {"money"},
    "answer": {"answer"},
    "status": {"status"},
}


def weighed(header: str, look: Look) -> list[tuple[str, float]]:
    """`by_name`, corrected by what the cells look like."""
    scores = {target: score + _evidence(target, look) for target, score in by_name(header)}
    if look.kind == "email" and not any("email" in target for target in scores):
        scores["buyer.email"] = 0.55
    if look.kind == "answer" and set(look.samples) - {"0", "1"} and _is_mail_or_sms(header):
        scores["consent.answer"] = 0.8
    return sorted(((t, min(1.0, s)) for t, s in scores.items() if s >= ENOUGH), key=lambda item: -item[1])


def _evidence(target: str, look: Look) -> float:
    if look.kind == "empty":
        return 0.0
    kind = BY_KEY[target].kind
    if target.endswith(".email"):
        return 0.2 if look.kind == "email" else -0.6
    if look.kind == "email":
        return -0.6
    if kind in ("money", "count"):
        return 0.05 if look.kind in ("money", "number", "answer") else -0.6
    if kind in ("moment", "date"):
        return 0.1 if look.kind in ("moment", "number") else -0.6
    if kind == "answer":
        return 0.2 if look.kind in ("answer", "moment") else -0.3
    if kind == "time":
        return 0.1 if look.kind in ("time", "moment", "money") else -0.6
    if kind == "status":
        return 0.1 if look.kind in ("status", "answer") else -0.1
    if kind == "phone":
        return 0.1 if look.phone_like else -0.2
    if look.kind in ("number", "money") and target.endswith(("_name", ".city", ".company", ".country")):
        return -0.6
    return -0.4 if look.kind == "moment" else 0.0


def _is_mail_or_sms(header: str) -> bool:
    squeezed = squeeze(header_words(header))
    return _mentions(squeezed, "email", "sms") and not _mentions(squeezed, "not_consent")


def suggest(header: Sequence[str], looks: Sequence[Look]) -> list[Suggestion]:
    """One suggestion per column; no two columns share a target that holds one value."""
    found = [Suggestion(never=squeeze(header_words(name)) in _never()) for name in header]
    claims = [
        (score, look.filled > 0, -at, at, target)
        for at, (name, look) in enumerate(zip(header, looks, strict=True))
        if not found[at].never
        for target, score in weighed(name, look)
    ]
    taken: set[str] = set()
    for score, _filled, _order, at, target in sorted(claims, reverse=True):
        if found[at].target or target in taken:
            continue
        if not BY_KEY[target].many:
            taken.add(target)
        found[at] = Suggestion(target, round(score, 2))
    return _names_parted(header, found)


def _names_parted(header: Sequence[str], found: list[Suggestion]) -> list[Suggestion]:
    """Beside a first name, a column called just "Name" is the last name."""
    targets = [one.target for one in found]
    if "buyer.given_name" not in targets or "buyer.family_name" in targets:
        return found
    plain = {fold(word) for word in ("navn", "namn", "naam", "name")}
    return [
        Suggestion("buyer.family_name", 0.7)
        if one.target == "buyer.full_name" and header_words(name) in plain
        else one
        for name, one in zip(header, found, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class ConsentHint:
    """What a consent column's header says by itself; the set-up asks for the rest."""

    channels: tuple[str, ...]
    purpose: str
    inverted: bool


def consent_hint(header: str) -> ConsentHint:
    """Channel, purpose and direction read from the header."""
    words = header_words(header)
    squeezed = words.replace(" ", "")
    channels = [channel for channel in ("email", "sms", "post") if _mentions(squeezed, channel)]
    each = set(words.split())
    purpose = "marketing.newsletter"
    if each & _hints("partner"):
        purpose = "marketing.partner"
    elif each & _hints("similar"):
        purpose = "marketing.own_similar"
    inverted = bool(each & _hints("opt_out")) or "optout" in squeezed
    return ConsentHint(tuple(channels or ["email"]), purpose, inverted)
