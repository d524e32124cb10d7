"""The reference page of the dictionary is the dictionary; the sample files are what the generator writes.

To write them again: `DJANGO_SETTINGS_MODULE=tests.settings python -m tests.files.test_papers`, and
`python -m integrations.files.samples`.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from integrations.files import samples
from integrations.files.presets import PRESETS
from integrations.files.targets import BY_KEY, GROUPS
from integrations.files.vocabulary import wordlist

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "reference" / "column-dictionary.md"
INTRODUCTION = """# Column dictionary

The headers that the [file connector](../how-to/import-a-file.md) knows, by what they become. Norwegian
(bokmål and nynorsk), Danish, Swedish, Dutch, German and English. Case, accents, spaces, hyphens and
underscores do not matter; `orderNumber`, `Order number` and `ORDER_NUMBER` are one header. A header
with further words around a known one is suggested with less certainty, and what stands in the column
weighs in.

The lists live in `integrations/files/vocabulary/columns.txt`; a test keeps this page equal to them.
"""


def page() -> str:
    columns = wordlist("columns")
    parts = [INTRODUCTION]
    for group, title in GROUPS.items():
        parts += [f"\n## {title}\n\n| becomes | headers |\n| --- | --- |\n"]
        for key, target in BY_KEY.items():
            if target.group == group and key in columns:
                parts.append(f"| {target.label} | {', '.join(columns[key])} |\n")
    parts += [
        "\n## Left out\n\nNobody needs these for writing to a customer; dangerous to keep: ",
        f"{', '.join(columns['never'])}.\n",
        "\n## Answers\n\nHow a permission column may say it. Any other spelling holds the answer back; ",
        "a date means yes, on that day.\n\n",
        "| means | spellings |\n| --- | --- |\n| yes | {yes} |\n| no | {no} |\n".format(
            **{key: ", ".join(words) for key, words in wordlist("answers").items()}
        ),
        f"| not known | an empty cell, {', '.join(wordlist('answers')['blank'])} |\n",
        "\n## Statuses\n\n| means | words |\n| --- | --- |\n",
        *(f"| {key} | {', '.join(words)} |\n" for key, words in wordlist("statuses").items()),
    ]
    return "".join(parts)


def test_the_page_is_the_dictionary() -> None:
    assert PAGE.read_text("utf-8") == page()


@pytest.mark.parametrize("slug", sorted(PRESETS))
def test_the_sample_that_is_shipped_is_the_generator_s(slug: str) -> None:
    stream = BytesIO()
    samples.write(slug, stream)
    shipped = (DOCS / "samples" / PRESETS[slug].sample.name).read_bytes()
    if slug == "ticketco":  # a zip carries the time it was made
        assert shipped[:4] == b"PK\x03\x04"
    else:
        assert shipped == stream.getvalue()


if __name__ == "__main__":
    import django

    django.setup()
    PAGE.write_text(page(), "utf-8")
