"""The words that customers read, in every language: found in the sources, kept in consent/locale, compiled.

    bin/translate           brings the catalogues up to date and compiles them; says what is missing
    bin/translate --check   changes nothing; fails where something is missing

The words of the console stay English. A catalogue in an application's own folder gives public pages
their languages without making the console speak half of one (organisations/locale.py).
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

BASE = Path(__file__).resolve().parent.parent
DAY = datetime(2026, 11, 25, tzinfo=UTC)
"""Of every catalogue, so that bringing one up to date changes words alone."""
HOME = BASE / "consent" / "locale"
LANGUAGES = ("nb", "da", "sv", "nl", "de")

TEMPLATES = (
    "templates/public/**/*",
    "templates/preferences/*",
    "templates/forms/public*",
    "templates/forms/confirm_mail.txt",
    "templates/forms/_controller.html",
    "templates/experiments/_understood.html",
    "templates/experiments/understood.html",
    "templates/components/field.html",
)
CONSOLE = ("setting.html", "by_mail.html")
"""Pages for staff that lie beside them."""
MODULES = (
    "consent/reasons.py",
    "consent/preferences/words.py",
    "consent/preferences/centre.py",
    "consent/preferences/forms.py",
    "consent/preferences/mailing.py",
    "consent/preferences/notice.py",
    "consent/collecting/answering.py",
    "consent/collecting/mailing.py",
    "consent/experiments/understanding.py",
)
CALLS = {
    "_": 1,
    "gettext": 1,
    "gettext_lazy": 1,
    "ngettext": 2,
    "ngettext_lazy": 2,
}
_IN_TEMPLATES = re.compile(
    r"\b(_|gettext|ngettext|pgettext)\(((?:u?(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'),?\s*)+)"
)
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")


@dataclass(frozen=True)
class Word:
    """One string of the sources, with its plural where it has one."""

    text: str
    plural: str = ""
    places: tuple[str, ...] = field(default=(), compare=False)

    @property
    def id(self) -> str | tuple[str, str]:
        return (self.text, self.plural) if self.plural else self.text


def words() -> list[Word]:
    """Every string a customer may read, once, with where it stands."""
    found: dict[Word, list[str]] = {}
    for path in sources():
        name = str(path.relative_to(BASE))
        for word in _of_module(path) if path.suffix == ".py" else _of_template(path):
            places = found.setdefault(word, [])
            if name not in places:
                places.append(name)
    return [Word(word.text, word.plural, tuple(places)) for word, places in found.items()]


def sources() -> list[Path]:
    templates = {path for pattern in TEMPLATES for path in BASE.glob(pattern) if path.is_file()}
    return [
        *sorted(path for path in templates if path.name not in CONSOLE),
        *(BASE / each for each in MODULES),
    ]


def _of_module(path: Path) -> Iterator[Word]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            given = node.args[: CALLS[node.func.id]]
            texts = [each.value for each in given if isinstance(each, ast.Constant)]
            if texts and len(texts) == len(given):
                yield _word([str(each) for each in texts])


def _of_template(path: Path) -> Iterator[Word]:
    for name, given in _IN_TEMPLATES.findall(templatize(path.read_text(), origin=str(path))):
        texts = [str(each) for each in ast.literal_eval(f"({given.rstrip().rstrip(',')},)")]
        if name == "pgettext":
            raise ValueError(f"{path}: contexts are not used")
        yield _word(texts[: 2 if name == "ngettext" else 1])


def _word(texts: list[str]) -> Word:
    return Word(texts[0], texts[1] if len(texts) > 1 else "")


def catalogue(language: str) -> Catalog:
    path = po(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as stream:
        return read_po(stream, locale=language)


def po(language: str) -> Path:
    return HOME / language / "LC_MESSAGES" / "django.po"


def updated(language: str) -> Catalog:
    """The catalogue with today's words: translations are kept, words that are gone are left out."""
    old = catalogue(language)
    new = Catalog(
        locale=language,
        project="Foyer",
        version="1",
        msgid_bugs_address="-",
        last_translator="-",
        language_team="-",
        header_comment="# docs/how-to/translate.md",
        creation_date=DAY,
        revision_date=DAY,
        fuzzy=False,
    )
    for word in sorted(words(), key=lambda each: (each.places, each.text)):
        known = old.get(word.text)
        kept = known.string if known and bool(known.pluralizable) == bool(word.plural) else None
        new.add(word.id, kept, locations=[(place, 0) for place in word.places])
    return new


def compiled(language: str) -> bytes:
    stream = BytesIO()
    write_mo(stream, catalogue(language))
    return stream.getvalue()


def missing(language: str) -> list[str]:
    """Words without a translation, or with other placeholders than the source has."""
    found = []
    have = catalogue(language)
    for word in words():
        message = have.get(word.text)
        strings = _strings(message.string) if message else []
        if not strings or not all(strings):
            found.append(word.text)
        elif any(_placeholders(each) != _placeholders(word.plural or word.text) for each in strings[-1:]):
            found.append(f"placeholders: {word.text}")
    return found


def _strings(given: object) -> list[str]:
    return [str(each) for each in given] if isinstance(given, tuple | list) else [str(given or "")]


def _placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDERS.findall(text))


def write(language: str) -> None:
    new = updated(language)
    path = po(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        write_po(stream, new, width=110, include_lineno=False, omit_header=False)
    path.with_suffix(".mo").write_bytes(compiled(language))


def main() -> int:
    check = "--check" in sys.argv
    lacking = 0
    for language in LANGUAGES:
        if not check:
            write(language)
        for text in missing(language):
            lacking += 1
            print(f"{language}: {text}")
    print(f"{len(words())} words, {lacking} translations missing")
    return 1 if check and lacking else 0


if __name__ == "__main__":
    import django

    django.setup()
    raise SystemExit(main())
