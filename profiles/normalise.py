"""Cleans values: pure functions, no database. Raw values are never altered elsewhere.

Every function takes what a source wrote and returns the one spelling Foyer compares;
an empty result means "not known". A value that cannot be used raises `Unusable`.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache, lru_cache
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from profiles.countries import COUNTRY_NAMES, POSTAL_CODE_DIGITS


class Unusable(ValueError):
    """A value nobody can use. `code` is stable, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


_EMPTY = frozenset({"", "-", "--", "—", "null", "none", "nil", "n/a", "#n/a", "nan", "undefined"})
_SPACES = re.compile(r"[\s\u00a0\u200b\ufeff]+")
_PLAIN_EMAIL = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
)
_GUARDED = re.compile(r"""^[='"]+(?=[+0-9(])|["']+$""")
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?[eE]\+\d+")
_TITLES = re.compile(
    r"^(hr|fru|frk|frøken|herr|herre|mr|mrs|ms|miss|dr|prof|dhr|mevr|mw|frau)\.?\s+", re.IGNORECASE
)
_PARTICLES = frozenset({"van", "von", "de", "der", "den", "af", "av", "ten", "ter", "da", "di", "la", "le"})
_NOT_WORD = re.compile(r"[\W_]+")
_LETTERS = str.maketrans(
    {"ø": "o", "å": "a", "æ": "a", "ö": "o", "ä": "a", "ü": "u", "ß": "ss", "þ": "th"}
    | {"đ": "d", "ð": "d", "ł": "l", "ı": "i", "œ": "o"}
)
_PAIRS = re.compile("(?<=o)e|(?<=a)[ae]|(?<=u)e")
"""What ø, å, æ and ü become where a system has no such letters: oe, aa, ae, ue."""
_MAX_TEXT = 500


@lru_cache(maxsize=100_000)
def text(value: str) -> str:
    """Trimmed, composed (NFC), inner white space to one space; empty-like words to ''."""
    if value.isascii() and "  " not in value and value.isprintable():
        value = value.strip()
    else:
        value = _SPACES.sub(" ", unicodedata.normalize("NFC", value).replace("\x00", "")).strip()
    if value.lower() in _EMPTY:
        return ""
    if len(value) > _MAX_TEXT:
        raise Unusable("too_long", f"Longer than {_MAX_TEXT} characters. Check the mapping of this column.")
    return value


def email(value: str) -> str:
    """Lower-cased address with an IDNA domain. Errors: email_invalid."""
    value = text(value)
    if not value:
        return ""
    low = value.lower().removeprefix("mailto:").strip("<>'\" ")
    if _PLAIN_EMAIL.fullmatch(low) and len(low) <= 254:
        return low
    return _unusual_email(low)


@lru_cache(maxsize=50_000)
def _unusual_email(value: str) -> str:
    try:
        found = validate_email(
            unicodedata.normalize("NFKC", value), check_deliverability=False, test_environment=True
        )
    except EmailNotValidError:
        raise Unusable("email_invalid", "Not an e-mail address. Correct it at the source.") from None
    return f"{found.local_part}@{found.ascii_domain}".lower()


@lru_cache(maxsize=200_000)
def phone(value: str, country: str) -> str:
    """E.164, read in `country` (ISO 3166 alpha-2) where it has no country code.

    Errors: phone_truncated (a spreadsheet turned it into 4.79E+09), phone_invalid.
    """
    value = text(value)
    if not value:
        return ""
    if _SCIENTIFIC.fullmatch(value):
        raise Unusable("phone_truncated", "A spreadsheet rounded this number. Export the column as text.")
    bare = _GUARDED.sub("", value)
    if not any(c.isdigit() for c in bare):
        return ""
    if set(bare) <= set("0- +()"):
        return ""
    if simple := _national_number(bare, country):
        return simple
    try:
        number = phonenumbers.parse(bare, country or None)
    except phonenumbers.NumberParseException:
        raise Unusable("phone_invalid", "Not a phone number. Correct it at the source.") from None
    if not phonenumbers.is_valid_number(number):
        raise Unusable("phone_invalid", f"No such phone number in {country or 'any country'}.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


_PUNCTUATION = str.maketrans("", "", " -().")
_CALLING_CODES = {"NO": "47", "DK": "45"}
"""Countries without a trunk prefix, where digits and pattern alone decide."""


def _national_number(bare: str, country: str) -> str:
    """The quick way for a plain number of such a country, by the library's own patterns; else ''."""
    code = _CALLING_CODES.get(country)
    if code is None:
        return ""
    digits = bare.translate(_PUNCTUATION)
    national = digits.removeprefix(f"+{code}").removeprefix(f"00{code}")
    return f"+{code}{national}" if _numbers_of(country).fullmatch(national) else ""


@cache
def _numbers_of(country: str) -> re.Pattern[str]:
    region: Any = phonenumbers.PhoneMetadata.metadata_for_region(country)
    kinds = (region.fixed_line, region.mobile, region.toll_free, region.premium_rate, region.voip, region.uan)
    patterns = (kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern)
    return re.compile("|".join(patterns))


@lru_cache(maxsize=100_000)
def names(given: str, family: str, full: str) -> tuple[str, str]:
    """(given, family) from whichever parts the source has; "Hansen, Ola" is understood."""
    given, family, full = text(given), text(family), text(full)
    if not given and not family and full:
        full = _TITLES.sub("", full)
        if full.count(",") == 1:
            family, given = (part.strip() for part in full.split(","))
        else:
            given, family = _split(full.split(" "))
    return _TITLES.sub("", given), family


def _split(words: list[str]) -> tuple[str, str]:
    if len(words) == 1:
        return words[0], ""
    cut = len(words) - 1
    while cut > 1 and words[cut - 1].lower() in _PARTICLES:
        cut -= 1
    return " ".join(words[:cut]), " ".join(words[cut:])


@lru_cache(maxsize=200_000)
def fold(value: str) -> str:
    """Lower-case words without accents for comparing: Ødegård, Odegaard and Oedegaard are one.

    IDENTITY.md section 3: ø/ö/oe/o, å/aa/a, æ/ae/ä, ü/ue/u. Letters of other alphabets
    stay what they are.
    """
    low = value.lower()
    while not low.isascii() and (plainer := _plainer(low)) != low:
        low = plainer
    while (shorter := _PAIRS.sub("", low)) != low:
        low = shorter
    return _NOT_WORD.sub(" ", low).strip()


def _plainer(low: str) -> str:
    """Without accents and look-alikes. A look-alike may stand for a capital, so this is done until
    nothing changes any more."""
    apart = unicodedata.normalize("NFKD", low.translate(_LETTERS))
    return "".join(c for c in apart if not unicodedata.combining(c)).lower()


@lru_cache(maxsize=10_000)
def country(value: str, default: str = "") -> str:
    """ISO 3166 alpha-2 from a code or a name in the languages Foyer reads; else `default`.

    Errors: country_unknown.
    """
    value = text(value)
    if not value:
        return default
    code = value.upper()
    if len(code) == 2 and code in phonenumbers.SUPPORTED_REGIONS:
        return code
    found = COUNTRY_NAMES.get(fold(value))
    if found is None:
        raise Unusable("country_unknown", "Not a country Foyer knows. Use the two-letter code.")
    return found


@lru_cache(maxsize=100_000)
def postal_code(value: str, in_country: str) -> str:
    """Upper-cased, prefix "NO-" dropped, leading zeros that a spreadsheet ate put back."""
    value = text(value).upper()
    prefix = f"{in_country}-"
    value = value.removeprefix(prefix)
    if value.endswith(".0"):
        value = value[:-2]
    digits = POSTAL_CODE_DIGITS.get(in_country, 0)
    bare = value.replace(" ", "")
    if digits and bare.isdigit() and len(bare) < digits:
        return bare.zfill(digits)
    return value


_GENDERS = {
    "f": "female", "female": "female", "k": "female", "kvinne": "female", "kvinde": "female",
    "kvinna": "female", "vrouw": "female", "v": "female", "w": "female", "weiblich": "female",
    "frau": "female",
    "m": "male", "male": "male", "mann": "male", "mand": "male", "man": "male", "mannlich": "male",
    "herr": "male",
}  # fmt: skip


_NOBODYS_BIRTH = frozenset(
    {date(1, 1, 1), date(1753, 1, 1), date(1800, 1, 1), date(1899, 12, 30), date(1899, 12, 31)}
    | {date(1900, 1, 1), date(1901, 1, 1), date(9999, 12, 31)}
)
"""What a system writes where it must write a date and knows none."""


def birth_date(value: date | None) -> date | None:
    """None for a placeholder such as 1 January 1900: it would contradict everybody's real date."""
    return None if value in _NOBODYS_BIRTH else value


def gender(value: str) -> str:
    """ "female", "male" or "other"; "" when not known."""
    value = fold(text(value))
    return _GENDERS.get(value, "other") if value else ""


def language(value: str) -> str:
    """A language tag such as "nb" or "en-GB", lower-case language first."""
    value = text(value).replace("_", "-")
    head, _, tail = value.partition("-")
    if not head.isalpha() or not 2 <= len(head) <= 3:
        return ""
    return f"{head.lower()}-{tail.upper()}"[:12] if tail else head.lower()


@lru_cache(maxsize=100_000)
def account_key(value: str) -> str:
    """A customer number, log-in or card as the source writes it, trimmed; ".0" from a
    spreadsheet dropped."""
    value = text(value)
    return value[:-2] if value.endswith(".0") and value[:-2].isdigit() else value
