"""Small builders for tests about merging and taking apart: one record, one person, and who is who."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from profiles.models import Profile, SourceRecord
from profiles.rows import CanonicalRow, PersonRow
from tests.profiles.sample import START, a_source, deliver

WHO = "alice@example.org"


def a_record(key: str, *, email: str = "", name: str = "", **person: Any) -> SourceRecord:
    """One record delivered by a source of its own (a source's two customer numbers are two people)."""
    row = CanonicalRow(
        1,
        [key, email, name, repr(sorted(person.items()))],
        key=key,
        buyer=PersonRow(external_id=key, email=email, full_name=name, observed_at=START, **person),
    )
    deliver([row], a_source(f"source-{key}"))
    return the_record(key)


def the_record(key: str) -> SourceRecord:
    return SourceRecord.objects.select_related("profile").get(external_id=key)


def person_of(key: str) -> Profile:
    return the_record(key).profile


def people() -> set[frozenset[str]]:
    """Who is one person, as sets of record keys."""
    found: dict[int, set[str]] = {}
    for profile, key in SourceRecord.objects.values_list("profile_id", "external_id"):
        found.setdefault(profile, set()).add(key)
    return {frozenset(keys) for keys in found.values()}


def groups(*said: str) -> set[frozenset[str]]:
    """`groups("ab", "c")`: a and b are one person, c another."""
    return {frozenset(each) for each in said}


def membership() -> dict[str, int]:
    """Every record's profile, ids included."""
    return dict(SourceRecord.objects.values_list("external_id", "profile_id"))


def ids(keys: Sequence[str]) -> list[int]:
    return [the_record(key).pk for key in keys]
