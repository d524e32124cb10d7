"""Cells of files that people open in a spreadsheet."""

from __future__ import annotations

from typing import Any


def safe(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula is made text; a phone number keeps its plus."""
    if not isinstance(value, str) or not value:
        return value
    number = value[1:].replace(" ", "").replace(".", "").replace(",", "")
    runs = value[0] in "=@\t\r\n" or (value[0] in "+-" and not number.isdecimal())
    return f"'{value}" if runs else value
