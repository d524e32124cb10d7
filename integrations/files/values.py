"""Reading one cell: text as people and programs write it, into a typed value.

Pure, no Django models. Every function takes a cell already passed through `clean`,
returns None (or "") for an empty one and raises `BadValue` for one it cannot read.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.files.words import fold

DateOrder = Literal["dmy", "mdy", "ymd"]
Decimal_ = Literal[",", "."]

MOST_MONEY = Decimal(10) ** 9
EXCEL_EPOCH = datetime.fromisoformat("1899-12-30")  # wall time, no zone
_MIDNIGHT = time()
EXCEL_DAYS = range(10_000, 80_000)  # 1927 to 2119: what a show, a sale or a birth can be

BLANKS = frozenset(
    {"-", "--", "—", "–", "NULL", "(null)", "N/A", "#N/A", "n/a", "NaN", "nan", "#REF!", "#VALUE!"}
)
_ODD_SPACES = str.maketrans(
    {
        "\u00a0": " ",
        "\u202f": " ",
        "\u2007": " ",
        "\u2009": " ",
        "\u200b": "",
        "\ufeff": "",
        "\u200e": "",
        "\u00ad": "",
    }
)
_ODD = re.compile("[\u00a0\u202f\u2007\u2009\u200b\ufeff\u200e\u00ad]")
_GUARDED = frozenset("=+-@0123456789\t")
_LITERAL = re.compile(r'="([^"]*)"')


class BadValue(ValueError):
    """A cell that cannot be read. Carries a code and a sentence, never the value."""

    def __init__(self, code: str, message: str | Promise) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


def clean(text: str) -> str:
    """The cell without what spreadsheets put around it.

    Odd spaces and invisible characters go, an export's guard against formulas
    (`'+47…`, `="0155"`) is taken off, and words for "nothing" become "".
    """
    if not text.isascii() and _ODD.search(text):
        text = text.translate(_ODD_SPACES)
    text = text.strip()
    if text and text[0] in "'=":
        text = _unguarded(text)
    return "" if text in BLANKS else text


def _unguarded(text: str) -> str:
    if text[0] == "'" and text[1:2] in _GUARDED:
        return text[1:].strip()
    literal = _LITERAL.fullmatch(text)
    return literal[1].strip() if literal else text


# --- numbers -----------------------------------------------------------------------

_PLAIN_MONEY = re.compile(r"-?\d{1,9}(?:\.\d{1,2})?")
_MONEY_NOISE = re.compile(r"(?i)\b(?:nok|dkk|sek|eur|usd|gbp|chf|isk|kroner|kr)\b\.?|[€$£\s']|kr\.?")
_MONEY = re.compile(r"[-+]?\d[\d.,]*(?:[eE][-+]?\d+)?|[-+]?[.,]\d+")


def money(text: str, decimal: Decimal_) -> Decimal | None:
    """An amount. `decimal` decides only where both readings are possible (`1.250`)."""
    if not text:
        return None
    if _PLAIN_MONEY.fullmatch(text):
        return Decimal(text)
    number, negative = _bare_number(text)
    if not _MONEY.fullmatch(number):
        raise BadValue("money", _("This is not an amount."))
    try:
        amount = Decimal(_with_point(number, decimal))
    except InvalidOperation:
        raise BadValue("money", _("This is not an amount.")) from None
    if not amount.is_finite() or abs(amount) >= MOST_MONEY:
        raise BadValue("money_range", _("This amount is too large to be a price."))
    return -amount if negative else amount


def _bare_number(text: str) -> tuple[str, bool]:
    """`(1 250,- kr)` → (`1250`, True): without currency, and whether it is below zero."""
    bare = _MONEY_NOISE.sub("", text).replace("−", "-").replace("–", "-")
    negative = bare.startswith("(") and bare.endswith(")")
    bare = bare.strip("()")
    if bare.endswith((",-", ".-")):
        bare = bare[:-2]
    elif bare.endswith("-"):
        bare, negative = bare[:-1], True
    return bare, negative


def _with_point(number: str, decimal: Decimal_) -> str:
    mantissa, e, exponent = number.partition("e" if "e" in number else "E")
    point = _decimal_sign(mantissa, decimal)
    for sign in ".,":
        if sign != point:
            mantissa = mantissa.replace(sign, "")
    return mantissa.replace(",", ".") + e + exponent


def _decimal_sign(number: str, usual: Decimal_) -> str:
    """Which of . and , parts whole from fraction here; "" when neither does."""
    last = max(number.rfind("."), number.rfind(","))
    if last < 0:
        return ""
    sign = number[last]
    if number.count(sign) > 1:
        return _grouped(number, sign)
    other = "," if sign == "." else "."
    if len(number) - last - 1 != 3 or other in number or number.lstrip("-+").startswith("0"):
        return sign
    return sign if sign == usual else ""


def _grouped(number: str, sign: str) -> str:
    head, *groups = number.lstrip("-+").split(sign)
    if not 1 <= len(head) <= 3 or any(len(group) != 3 for group in groups):
        raise BadValue("money", _("This is not an amount."))
    return ""


def count(text: str) -> int | None:
    """A whole number of things: `2`, `2.0`, `2,00`, `2 stk`."""
    if not text:
        return None
    found = re.fullmatch(
        r"(-?\d{1,6})(?:[.,]0+)?(?:\s*(?:stk|st|x|pcs|stuks|stück)\.?)?", text, re.IGNORECASE
    )
    if found is None:
        raise BadValue("count", _("This is not a number of tickets."))
    return int(found[1])


# --- dates -------------------------------------------------------------------------

_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "mrt": 3, "maa": 3, "mae": 3, "apr": 4, "mai": 5, "maj": 5, "may": 5,
    "mei": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "okt": 10, "oct": 10, "nov": 11, "des": 12, "dec": 12,
    "dez": 12,
}  # fmt: skip
_CLOCK = (
    r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*([aApP]\.?[mM]\.?)?"
    r"(?:\s*(?:Uhr|uur|h))?\s*(Z|UTC|[+-]\d{2}:?\d{2})?"
)
_TAIL = rf"(?:,?[ T]+(?:-\s*)?(?:kl\.?\s*|um\s+|om\s+|at\s+)?{_CLOCK})?"
_WEEKDAY = r"(?:[^\W\d_]{2,10}\.?,?\s+)?"
_NUMERIC = re.compile(rf"{_WEEKDAY}(\d{{1,4}})\s?[./-]\s?(\d{{1,2}})\s?[./-]\s?(\d{{1,4}}){_TAIL}")
_NAMED = re.compile(rf"{_WEEKDAY}(\d{{1,2}})\.?[ -]?([^\W\d_]{{3,10}})\.?,?[ -](\d{{2,4}}){_TAIL}")
_AMERICAN = re.compile(rf"{_WEEKDAY}([^\W\d_]{{3,10}})\.? (\d{{1,2}}),? (\d{{4}}){_TAIL}")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:[T ]?(\d\d)(\d\d)(\d\d)?)?")
_SERIAL = re.compile(r"(\d{5})(?:[.,](\d+))?")
_TIME = re.compile(rf"(?:kl\.?\s*|um\s+)?{_CLOCK}")
_FRACTION = re.compile(r"0[.,]\d+")


def moment(
    text: str, order: DateOrder, zone: ZoneInfo, *, later: bool = False
) -> tuple[datetime, bool] | None:
    """An instant in UTC, and whether the cell told a time of day.

    Where the clock shows the hour twice in autumn, the earlier reading is taken, or
    the later one if `later` (CONSENT.md 2.4: a yes the earlier, a no the later).
    """
    if not text:
        return None
    naive, timed = _naive(text, order, past=False)
    return to_utc(naive, zone, later=later), timed


def to_utc(local: datetime, zone: ZoneInfo, *, later: bool = False) -> datetime:
    """Local wall time → UTC. A time that already carries its offset keeps it."""
    if local.tzinfo is None:
        local = local.replace(tzinfo=zone, fold=1 if later else 0)
    return local.astimezone(UTC)


def day(text: str, order: DateOrder) -> date | None:
    """A calendar date of the past, such as a birth: `85` means 1985."""
    return _naive(text, order, past=True)[0].date() if text else None


def year(text: str) -> int | None:
    """A year of birth."""
    if not text:
        return None
    found = re.fullmatch(r"(\d{4})(?:[.,]0+)?", text)
    if found is None or not 1880 <= int(found[1]) <= 2100:
        raise BadValue("year", _("This is not a year."))
    return int(found[1])


def clock(text: str) -> time | None:
    """A time of day: `19:30`, `19.30`, `kl. 7:30 pm`, Excel's 0.8125, or the end of a date."""
    if not text:
        return None
    if _FRACTION.fullmatch(text):
        return (EXCEL_EPOCH + timedelta(seconds=round(float(text.replace(",", ".")) * 86_400))).time()
    found = _TIME.fullmatch(text)
    if found:
        return _time_of(found.groups()[-5:])
    if re.fullmatch(r"\d{1,2}|\d{4}", text):
        return _checked_time(
            int(text[:-2] or 0) if len(text) == 4 else int(text), int(text[-2:]) if len(text) == 4 else 0, 0
        )
    naive, timed = _naive(text, "dmy", past=False)
    if not timed:
        raise BadValue("time", _("This is not a time of day."))
    return naive.time()


def _naive(text: str, order: DateOrder, *, past: bool) -> tuple[datetime, bool]:
    if text[4:5] == "-" and text[:4].isdigit():
        try:
            return datetime.fromisoformat(text), len(text) > 10
        except ValueError:
            pass
    found = _NUMERIC.fullmatch(text)
    if found:
        return _from_parts(_in_order(found[1], found[2], found[3], order), found.groups()[3:], past)
    return _from_words(text, past) or _from_digits(text) or _refuse_date()


def _refuse_date() -> tuple[datetime, bool]:
    raise BadValue("date", _("This is not a date."))


def _in_order(a: str, b: str, c: str, order: DateOrder) -> tuple[str, int, int]:
    """(year, month, day) of three numbers; a four-digit number first is always the year."""
    if len(a) == 4 or (order == "ymd" and len(c) <= 2):
        return a, int(b), int(c)
    if order == "mdy":
        return c, int(a), int(b)
    return c, int(b), int(a)


def _from_words(text: str, past: bool) -> tuple[datetime, bool] | None:
    found = _NAMED.fullmatch(text)
    if found:
        day_, word, year_ = found[1], found[2], found[3]
    else:
        found = _AMERICAN.fullmatch(text)
        if found is None:
            return None
        word, day_, year_ = found[1], found[2], found[3]
    month = _MONTHS.get(fold(word)[:3])
    return _from_parts((year_, month, int(day_)), found.groups()[3:], past) if month else None


def _from_digits(text: str) -> tuple[datetime, bool] | None:
    found = _COMPACT.fullmatch(text)
    if found:
        clock_ = (found[4], found[5], found[6], None, None)
        return _from_parts((found[1], int(found[2]), int(found[3])), clock_, past=False)
    found = _SERIAL.fullmatch(text)
    if found is None or int(found[1]) not in EXCEL_DAYS:
        return None
    seconds = round(float(f"0.{found[2] or 0}") * 86_400)
    return EXCEL_EPOCH + timedelta(days=int(found[1]), seconds=seconds), bool(found[2])


def _from_parts(ymd: tuple[str, int, int], tail: tuple[str | None, ...], past: bool) -> tuple[datetime, bool]:
    year_ = _full_year(ymd[0], past)
    try:
        midnight = datetime.combine(date(year_, ymd[1], ymd[2]), _MIDNIGHT)
    except ValueError:
        raise BadValue("date", _("There is no such date. Is the order of day and month right?")) from None
    if tail[0] is None:
        return midnight, False
    return datetime.combine(midnight, _time_of(tail)), True


def _full_year(text: str, past: bool) -> int:
    if len(text) == 4:
        return int(text)
    if len(text) != 2:
        raise BadValue("date", _("This is not a date."))
    full = 2000 + int(text)
    return full - 100 if past and full > datetime.now(UTC).year else full


def _time_of(parts: tuple[str | None, ...]) -> time:
    hours, minutes, seconds, half, offset = parts
    hour = int(hours or 0)
    if half and hour <= 12:
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    found = _checked_time(hour, int(minutes or 0), int(seconds or 0))
    return (
        found.replace(tzinfo=datetime.fromisoformat(f"2000-01-01T00:00{_offset(offset)}").tzinfo)
        if offset
        else found
    )


def _offset(text: str) -> str:
    return "+00:00" if text in ("Z", "UTC") else text


def _checked_time(hour: int, minute: int, second: int) -> time:
    try:
        return time(hour, minute, min(second, 59))
    except ValueError:
        raise BadValue("time", _("This is not a time of day.")) from None
