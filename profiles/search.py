"""Finding a person by any scrap: name, e-mail, phone, customer number or order number.

Every look-up is the beginning of a value in an index made for it, so its cost does not
grow with the number of people. What was typed is read in every way it makes sense.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers
from django.db.models import Exists, OuterRef, Q, QuerySet

from profiles.models import Identifier, Order, Profile, RecordIdentifier, SearchKey
from profiles.normalise import fold

MOST = 1000
"""Of each kind of match; somebody who gets more types another letter."""
MOST_WORDS = 5
_NUMBER = re.compile(r"[+\d][\d\s()/.-]{2,}")


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of the profiles that match. `best` are those whose name or number was typed in full.

    `more` says that there were more than a search looks at.
    """

    best: frozenset[int]
    rest: frozenset[int]
    more: bool

    @property
    def ids(self) -> frozenset[int]:
        return self.best | self.rest


def find(text: str, *, country: str) -> Found:
    """Who it could be. `country` (ISO 3166) is where a phone number without a code is from."""
    text = text.strip()
    words = fold(text).split()[:MOST_WORDS]
    best = _ids(_by_whole_word(words)) | _ids(_by_order(text))
    parts = [_ids(_by_words(words)), _ids(_by_identifier(text, country))]
    full = any(len(part) >= MOST for part in (best, *parts))
    return Found(frozenset(best), frozenset().union(*parts) - best, more=full)


def _ids(rows: QuerySet[SearchKey, int] | QuerySet[RecordIdentifier, int] | QuerySet[Order, int]) -> set[int]:
    return set(rows[:MOST])


def _by_words(words: list[str]) -> QuerySet[SearchKey, int]:
    """Every word is the beginning of a word of the name. The longest leads: it is the rarest."""
    if not words or max(map(len, words)) < 2:
        return SearchKey.objects.none().values_list("profile_id", flat=True)
    lead, *others = sorted(words, key=len, reverse=True)
    rows = SearchKey.objects.filter(token__startswith=lead)
    for word in others:
        also = SearchKey.objects.filter(profile=OuterRef("profile"), token__startswith=word)
        rows = rows.filter(Exists(also))
    return rows.values_list("profile_id", flat=True)


def _by_whole_word(words: list[str]) -> QuerySet[SearchKey, int]:
    rows = SearchKey.objects.filter(token=words[0]) if len(words) == 1 else SearchKey.objects.none()
    return rows.values_list("profile_id", flat=True)


def _by_identifier(text: str, country: str) -> QuerySet[RecordIdentifier, int]:
    """The beginning of an e-mail address, a phone number or a customer number."""
    starts = list(_beginnings(text, country))
    if not starts:
        return RecordIdentifier.objects.none().values_list("record__profile_id", flat=True)
    matches = Q()
    for start in starts:
        matches |= Q(value__startswith=start)
    identifiers = Identifier.objects.filter(matches).values("pk")[:MOST]
    rows = RecordIdentifier.objects.filter(identifier__in=identifiers)
    return rows.values_list("record__profile_id", flat=True)


def _beginnings(text: str, country: str) -> Iterable[str]:
    """The spellings under which identifiers beginning with this text may be kept."""
    if len(text) < 3 or (" " in text.strip() and not _NUMBER.fullmatch(text)):
        return []
    starts = {text.lower(), text, text.upper()}
    if _NUMBER.fullmatch(text):
        starts = {text.replace(" ", "")} | _phones(re.sub(r"[^\d+]", "", text), country)
    return sorted(start for start in starts if len(start) >= 3)


def _phones(digits: str, country: str) -> set[str]:
    if digits.startswith("+"):
        return {digits}
    if digits.startswith("00"):
        return {f"+{digits[2:]}"}
    code = phonenumbers.country_code_for_region(country)
    return {f"+{code}{digits}", f"+{code}{digits.lstrip('0')}", f"+{digits}"}


def _by_order(text: str) -> QuerySet[Order, int]:
    """A whole order number, as the source writes it or in capitals."""
    number = text.lstrip("#").strip()
    rows = Order.objects.filter(external_id__in={number, number.upper()}, record__isnull=False)
    return rows.values_list("record__profile_id", flat=True)


def narrowed(profiles: QuerySet[Profile], found: Found) -> QuerySet[Profile]:
    return profiles.filter(pk__in=found.ids)
