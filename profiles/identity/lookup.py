"""Is this somebody we know? One person's data against everybody, in one query.

Nothing is written, and nothing of the person goes to a log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from cdp.lib import sql
from profiles import normalise
from profiles.identity import models_in_use, names
from profiles.identity.matching import blocking
from profiles.identity.matching.lookup import candidates_and_scores
from profiles.identity.matching.table import Account, Features, Person, features
from profiles.normalise import Unusable

MOST = 60
"""Records that share a key above which it is passed over (IDENTITY.md section 5, point 10)."""
LEAST = 0.01
"""Probability below which nobody is named."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody it may be: a profile's public id and the record of theirs that fits best.

    `certain` where a joining identifier says so and nothing speaks against it; `probability`
    is 1 then. `weight` is in log2 odds, None for a record that is not compared yet.
    """

    profile: UUID
    record: int
    probability: float
    weight: float | None
    certain: bool


class _Found(NamedTuple):
    record: int
    public_id: UUID
    profile: int
    given_key: str
    birth_date: date | None
    values: Sequence[str] | None
    priority: int | None
    unproving: Sequence[str]
    model: int | None


def who_is(person: Person, *, most: int = 5) -> list[Candidate]:
    """The people this may be, likeliest first, at most one line a profile.

    Values may be as somebody typed them; one that cannot be used is left out. A phone
    number without country code is read in `person.country`.
    """
    asked = cleaned(person)
    own = features(asked)
    found = _candidates(asked, own)
    if not found:
        return []
    if found[0].unproving:
        own = features(_proving(asked, found[0].unproving))
    model = models_in_use.model(found[0].model)
    compared = [(one.record, one.values) for one in found if one.values is not None]
    scored = {
        record: (chance, weight) for record, chance, weight in candidates_and_scores(model, own, compared)
    }
    certain = _certain(asked, own, found)
    best: dict[UUID, Candidate] = {}
    for one in found:
        chance, weight = scored.get(one.record, (0.0, None))
        sure = one.profile == certain
        candidate = Candidate(one.public_id, one.record, 1.0 if sure else chance, weight, sure)
        if candidate.probability >= LEAST:
            best[one.public_id] = max(best.get(one.public_id, candidate), candidate, key=_fit)
    return sorted(best.values(), key=_fit, reverse=True)[:most]


def _fit(candidate: Candidate) -> tuple[bool, float, float, int]:
    weight = float("-inf") if candidate.weight is None else candidate.weight
    return candidate.certain, candidate.probability, weight, -candidate.record


def _candidates(asked: Person, own: Features) -> list[_Found]:
    shown = identifiers(asked)
    params = {
        "keys": blocking.keys(own),
        "kinds": [kind for kind, _namespace, _value in shown],
        "namespaces": [namespace for _kind, namespace, _value in shown],
        "values": [value for _kind, _namespace, value in shown],
        "most": MOST,
    }
    with sql.run("profiles/lookup_candidates", params) as cursor:
        return [_Found(*row) for row in cursor.fetchall()]


def identifiers(person: Person) -> list[Account]:
    """(kind, namespace, value) of everything that may join."""
    contacts = (("email", "", person.email), ("phone", "", person.phone))
    return [one for one in (*contacts, *person.accounts) if one[2]]


def _certain(asked: Person, own: Features, found: Sequence[_Found]) -> int | None:
    """The one profile that the strongest shared identifier names, where nothing speaks against it."""
    exact = [one for one in found if one.priority is not None and _agree(asked, own, one)]
    strongest = min((one.priority for one in exact if one.priority is not None), default=None)
    named = {one.profile for one in exact if one.priority == strongest}
    return named.pop() if len(named) == 1 else None


def _agree(asked: Person, own: Features, one: _Found) -> bool:
    """The exact layer's guard: neither given names nor birth dates contradict each other."""
    born = asked.birth_date
    if born and one.birth_date and born != one.birth_date:
        return False
    return names.agree(own.given, one.given_key)


def _proving(asked: Person, unproving: Sequence[str]) -> Person:
    """Without what is blocked, held or shared: the records' values are without it too."""
    known = {"email": asked.email, "phone": asked.phone}
    email, phone = ("" if kind in unproving else value for kind, value in known.items())
    return replace(asked, email=email, phone=phone)


# --- as it was typed --------------------------------------------------------------


def cleaned(person: Person) -> Person:
    """The person's values as `profiles.normalise` spells them, "" for what nobody can use."""
    country = _try(normalise.country, person.country)
    given, family = _names(person)
    return replace(
        person,
        given_name=given,
        family_name=family,
        full_name="",
        email=_try(normalise.email, person.email),
        phone=_try(lambda value: normalise.phone(value, country), person.phone),
        street=_try(normalise.text, person.street),
        postal_code=_try(lambda value: normalise.postal_code(value, country), person.postal_code),
        city=_try(normalise.text, person.city),
        country=country,
        accounts=tuple(
            (kind, namespace, _try(normalise.account_key, v)) for kind, namespace, v in person.accounts
        ),
    )


def _names(person: Person) -> tuple[str, str]:
    try:
        return normalise.names(person.given_name, person.family_name, person.full_name)
    except Unusable:
        return "", ""


def _try(clean: Callable[[str], str], value: str) -> str:
    try:
        return clean(value)
    except Unusable:
        return ""
