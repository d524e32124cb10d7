"""How different systems write the same thing into a cell."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from integrations.files.samples.people import Ticket

STATUS_NO = {"paid": "Betalt", "pending": "Reservert", "cancelled": "Kansellert", "refunded": "Refundert"}
STATUS_EN = {"paid": "Completed", "pending": "Pending", "cancelled": "Cancelled", "refunded": "Refunded"}


def comma(amount: Decimal) -> str:
    """`1 250,50` with the odd space that Norwegian exports have."""
    whole, _, cents = f"{amount:.2f}".partition(".")
    return f"{whole[:-3]}\u00a0{whole[-3:]},{cents}" if len(whole) > 3 else f"{whole},{cents}"


def dotted(moment: datetime | date) -> str:
    return moment.strftime("%d.%m.%Y")


def dotted_time(moment: datetime) -> str:
    return moment.strftime("%d.%m.%Y %H:%M")


def clock(moment: datetime) -> str:
    return moment.strftime("%H:%M")


def guarded(text: str) -> str:
    """As exports write it so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith("+") else text


def lost_zero(text: str) -> str:
    """A postal code that a spreadsheet took for a number."""
    return str(int(text)) if text.isdigit() else text


def spoken(answer: str, yes: str, no: str) -> str:
    """Blank stays blank; now and then somebody has typed something else."""
    return {"yes": yes, "no": no, "odd": "kanskje"}.get(answer, "")


def sms_rounded(ticket: Ticket) -> str:
    """One buyer in forty went through Excel: the phone came out rounded."""
    digits = ticket.buyer.phone.lstrip("+")
    if ticket.buyer.number % 40 == 9 and len(digits) == 10:
        return f"{digits[0]},{digits[1:3]}E+9".replace("E+9", "E+09")
    return ticket.buyer.phone
