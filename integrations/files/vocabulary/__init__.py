"""The word lists, read from the text files beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def wordlist(name: str, folder: Path = _FOLDER) -> dict[str, list[str]]:
    """{heading: words} of `<name>.txt`: headings at the margin, words indented below them."""
    found: dict[str, str] = {}
    heading = ""
    for line in (folder / f"{name}.txt").read_text("utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            heading = line.strip()
            found[heading] = ""
        elif line.startswith(" "):
            found[heading] += " " + line.strip()
    return {key: [word.strip() for word in words.split(",")] for key, words in found.items()}
