"""Finding a person by any scrap: name, e-mail, phone, customer number or order number.

Every look-up is the beginning of a value in an index made for it, so its cost does not
grow with the number of people. What was typed is read in every way it makes sense.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import phonenumbers
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Value

from profiles.models import Identifier, IdentifierKind, Order, RecordIdentifier, SearchKey
from profiles.normalise import fold

MOST = 200
"""Of each kind of match; somebody who gets more types another letter."""
MOST_WORDS = 5
_NUMBER = re.compile(r"[+\d][\d\s()/.-]{2,}")

Rows = QuerySet[Any, tuple[int, int]]


class Way(IntEnum):
    """How somebody was found; the lower, the better the match."""

    ORDER = 0
    WHOLE_WORD = 1
    WORDS = 2
    IDENTIFIER = 3


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


NEIGHBOURS = ("NO", "DK", "SE", "FI", "NL", "DE", "GB")
WHOLE_NUMBER = 8
"""So many digits are a whole number, which a guest from abroad says without its country code."""


def find(text: str, *, country: str) -> Found:
    """Who it could be, in one statement. `country` (ISO 3166) is where a phone number without
    a code is from."""
    text = text.strip()
    words = fold(text).split()[:MOST_WORDS]
    parts = [_by_order(text), _by_whole_word(words), _by_words(words), _by_identifier(text, country)]
    asked = [part[:MOST] for part in parts if part is not None]
    rows = list(asked[0].union(*asked[1:], all=True))
    best = frozenset(pk for pk, way in rows if way <= Way.WHOLE_WORD)
    rest = frozenset(pk for pk, way in rows) - best
    return Found(best, rest, more=MOST in Counter(way for _pk, way in rows).values())


def _rows(found: QuerySet[Any], profile: str, way: Way) -> Rows:
    return found.values_list(profile, Value(way.value, output_field=IntegerField()))


def _by_words(words: list[str]) -> Rows | None:
    """Every word is the beginning of a word of the name. The longest leads: it is the rarest."""
    if not words or max(map(len, words)) < 2:
        return None
    lead, *others = sorted(words, key=len, reverse=True)
    found = SearchKey.objects.filter(token__startswith=lead)
    for word in others:
        also = SearchKey.objects.filter(profile=OuterRef("profile"), token__startswith=word)
        found = found.filter(Exists(also))
    return _rows(found, "profile_id", Way.WORDS)


def _by_whole_word(words: list[str]) -> Rows | None:
    if len(words) != 1:
        return None
    return _rows(SearchKey.objects.filter(token=words[0]), "profile_id", Way.WHOLE_WORD)


def _by_identifier(text: str, country: str) -> Rows | None:
    """The beginning of an e-mail address, a phone number or a customer number; a cookie only as a whole."""
    starts = list(_beginnings(text, country))
    if not starts:
        return None
    matches = Q()
    for start in starts:
        matches |= Q(value__startswith=start)
    is_nameable = ~Q(kind__role=IdentifierKind.Role.ANONYMOUS) | Q(value__in=starts)
    identifiers = Identifier.objects.filter(matches, is_nameable).values("pk")[:MOST]
    shown_by = RecordIdentifier.objects.filter(identifier__in=identifiers)
    return _rows(shown_by, "record__profile_id", Way.IDENTIFIER)


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
    countries = {country, *NEIGHBOURS} if len(digits) >= WHOLE_NUMBER else {country}
    codes = {phonenumbers.country_code_for_region(each) for each in countries}
    return {f"+{digits}", *(f"+{code}{start}" for code in codes for start in (digits, digits.lstrip("0")))}


def _by_order(text: str) -> Rows:
    """A whole order number, as the source writes it or in capitals."""
    number = text.lstrip("#").strip()
    orders = Order.objects.filter(external_id__in={number, number.upper()}, record__isnull=False)
    return _rows(orders, "record__profile_id", Way.ORDER)
