"""Words with a meaning: statuses, yes and no, countries, postal codes, phones.

In Norwegian (both forms), Danish, Swedish, Dutch, German and English.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from integrations.files.values import BadValue
from integrations.files.vocabulary import wordlist
from integrations.files.words import fold, squeeze
from profiles.rows import Answer, OrderStatus


def _table(name: str) -> dict[str, str]:
    """{squeezed word: meaning}"""
    return {squeeze(word): meaning for meaning, words in wordlist(name).items() for word in words}


_STATUSES = _table("statuses")
_ANSWERS = _table("answers")
_SYMBOLS: dict[str, Answer] = {
    "✓": "yes",
    "✔": "yes",
    "☑": "yes",
    "☒": "yes",
    "☐": "no",
    "✗": "no",
    "✘": "no",
    "?": "blank",
}

_DIGIT = re.compile(r"\d")
_PLAIN_NUMBER = re.compile(r"[01](?:[.,]0)?")  # and no sign before it: minus one is no yes
_DATE_LIKE = re.compile(
    r"(?:(?:199\d|20\d\d)-\d\d-\d\d|\d{1,2}[./-]\d{1,2}[./-](?:199\d|20\d\d|\d\d))(?:\D.*)?"
)


def status(text: str) -> OrderStatus | None:
    """What became of an order or a ticket."""
    if not text:
        return None
    found = _STATUSES.get(squeeze(text))
    if found is None:
        raise BadValue("status", _("This status is not known. Set what it means in the mapping."))
    return found  # type: ignore[return-value]


def answer(text: str) -> Answer:
    """Yes, no, blank or unreadable. Nothing is ever a yes because it is empty or unknown."""
    if not text:
        return "blank"
    found = _ANSWERS.get(squeeze(text)) or _SYMBOLS.get(text)
    if found is not None and (text.isalpha() or _PLAIN_NUMBER.fullmatch(text) or not _DIGIT.search(text)):
        return found  # type: ignore[return-value]
    return "yes" if _DATE_LIKE.fullmatch(text) else "unreadable"


def is_date_like(text: str) -> bool:
    """Whether an answer is written as the date on which the person said yes."""
    return _DATE_LIKE.fullmatch(text) is not None


# --- places ------------------------------------------------------------------------

_COUNTRIES = _table("countries")
_POSTAL_DIGITS = {
    "NO": 4,
    "DK": 4,
    "SE": 5,
    "FI": 5,
    "DE": 5,
    "FR": 5,
    "ES": 5,
    "IT": 5,
    "EE": 5,
    "US": 5,
    "IS": 3,
}


@lru_cache(maxsize=2_000)
def country(text: str) -> str:
    """The two letters of a country, or the text as it stands when it names none we know."""
    if len(text) == 2 and text.isalpha():
        return text.upper()
    return _COUNTRIES.get(squeeze(text), text)


def postal(text: str, land: str) -> str:
    """A postal code with the zeros back that a spreadsheet dropped: `155` → `0155` in Norway."""
    if not text:
        return ""
    if text.isdigit():
        return text.zfill(_POSTAL_DIGITS.get(land, 0))
    bare = re.sub(r"[.,]0+$", "", text)
    return bare.zfill(_POSTAL_DIGITS.get(land, 0)) if bare.isdigit() else text


_CODE_AND_CITY = re.compile(
    r"((?:[A-Z]{1,2}-)?\d{3,5}(?: \d{2}(?!\d)| ?[A-Z]{2}(?= ))?),?\s+(?![A-Z]{2}$)([^\W\d].*)"
)


def postal_and_city(text: str) -> tuple[str, str]:
    """`8000 Aarhus C` → (`8000`, `Aarhus C`); a code alone has no city."""
    found = _CODE_AND_CITY.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")


_SCIENTIFIC = re.compile(r"\+?(\d(?:[.,]\d+)?)[eE]\+?(\d{1,2})")


def phone(text: str) -> str:
    """A phone as written. One that Excel turned into `4.79E+10` has lost its digits."""
    if text.endswith((".0", ",0")):
        text = text[:-2]
    found = _SCIENTIFIC.fullmatch(text)
    if found is None:
        return text
    digits = len(found[1].replace(",", "").replace(".", ""))
    if digits <= int(found[2]):
        raise BadValue(
            "phone_rounded", _("A spreadsheet rounded this phone number; its last digits are lost.")
        )
    return str(int(Decimal(text.replace(",", "."))))


_FEMALE = frozenset(
    [
        "f",
        "female",
        "kvinne",
        "kvinna",
        "kvinde",
        "k",
        "frau",
        "fru",
        "frk",
        "mevrouw",
        "mw",
        "vrouw",
        "v",
        "w",
        "weiblich",
        "mrs",
        "ms",
        "miss",
        "dame",
    ]
)
_MALE = frozenset(
    ["m", "male", "mann", "man", "mand", "herr", "herre", "hr", "dhr", "heer", "männlich", "mr"]
)


def gender(text: str) -> str:
    """`female`, `male`, or the words as written."""
    if not text:
        return ""
    word = fold(text)
    if word in _FEMALE:
        return "female"
    return "male" if word in _MALE or squeeze(text) == "mannlich" else text
