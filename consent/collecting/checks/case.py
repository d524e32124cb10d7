"""What the checks look at, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from consent.collecting.appearance import Appearance
from consent.collecting.spec import Ask, Spec, Words
from consent.models import ConsentText

Level = Literal["stop", "warn"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`id` is a rule of CONSENT.md 4.4, `where` a path such as `nb.controls.0`."""

    id: str
    level: Level
    message: str
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One version of a form with the facts around it.

    `names` are what the organisation is called; `claims_optout` says that its collection
    point vouches for an offered no; `recent_nos` counts addresses that said no in the
    same channels within six months. `partner_purposes` are those about other organisations.
    """

    spec: Spec
    texts: Mapping[int, ConsentText]
    names: tuple[str, ...]
    appearance: Appearance
    is_youth: bool = False
    claims_optout: bool = False
    recent_nos: int = 0

    def languages(self) -> Iterator[tuple[str, Words, list[Ask]]]:
        for code, words in self.spec.locales.items():
            yield code, words, self.spec.asks(code, self.texts)

    def passages(self) -> Iterator[tuple[str, str, str]]:
        """(language, where, text) of every text that people read before they answer."""
        for code, words, _asks in self.languages():
            for name in ("heading", "intro", "submit", "privacy", "withdrawal", "optout"):
                yield code, f"{code}.{name}", getattr(words, name)
            for number, control in enumerate(words.controls):
                where = f"{code}.controls.{number}"
                yield code, f"{where}.text", self.texts[control.text].body
                for name in ("label", "yes", "no"):
                    yield code, f"{where}.{name}", getattr(control, name)

    def bodies(self) -> Iterator[tuple[str, str, ConsentText]]:
        """(language, where, registered words) of every control."""
        for code, words in self.spec.locales.items():
            for number, control in enumerate(words.controls):
                yield code, f"{code}.controls.{number}.text", self.texts[control.text]


Check = Callable[[Case], Iterator[Finding]]
