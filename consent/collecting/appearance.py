"""How large and how plain to see the parts of a form are, read from the style sheets that it uses.

Contrast as WCAG 2.2 computes it. Both colour schemes are looked at; the worse one counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.contrib.staticfiles import finders

TOKENS, STYLES = "css/tokens.css", "css/consent-form.css"
ROOT_PIXELS = 15.0
"""What 1rem is (static/css/base.css)."""
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_PAIR = re.compile(r"light-dark\(\s*([^,]+),\s*([^)]+)\)")
_HEX = re.compile(r"#([0-9a-f]{6})", re.IGNORECASE)
Colours = tuple[str, str]
"""In light and in dark."""


@dataclass(frozen=True, slots=True)
class Look:
    """One part: its text's and its ground's colours, and its least size in pixels (0: not said)."""

    ink: Colours
    ground: Colours
    pixels: float = 0.0

    @property
    def contrast(self) -> float:
        """Of the text on its ground."""
        return min(ratio(*pair) for pair in zip(self.ink, self.ground, strict=True))


@dataclass(frozen=True, slots=True)
class Appearance:
    """`texts` are words to read, `answers` the styles of yes and no, by name; `hidden` names
    rules that take native controls or the focus ring from the keyboard."""

    texts: Mapping[str, Look]
    answers: Mapping[str, Look]
    box: float
    surface: Colours
    hidden: tuple[str, ...] = ()

    def weight(self, style: str) -> float:
        """How much an answer stands out from the form: its ground's contrast, 1 without a ground."""
        look = self.answers[style]
        grounds = [ratio(*pair) for pair in zip(look.ground, self.surface, strict=True)]
        return max(grounds) if max(grounds) > 1.05 else 1.0

    def difference(self, one: str, other: str) -> float:
        """How many times more one answer stands out than the other, or is larger."""
        weights = sorted((self.weight(one), self.weight(other)))
        sizes = sorted((self.answers[one].pixels or 1.0, self.answers[other].pixels or 1.0))
        return max(weights[1] / weights[0], sizes[1] / sizes[0])


def ratio(one: str, other: str) -> float:
    """The contrast of two colours (#rrggbb), from 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@cache
def of_the_form() -> Appearance:
    return read(_static(TOKENS), _static(STYLES))


def _static(name: str) -> str:
    path = finders.find(name)
    if path is None:
        raise FileNotFoundError(name)
    with open(path, encoding="utf-8") as file:
        return file.read()


def read(tokens: str, styles: str) -> Appearance:
    """From the text of the two style sheets."""
    named = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", _COMMENT.sub("", tokens)))
    rules = {
        selector.strip(): dict(re.findall(r"([\w-]+):\s*([^;]+);", body + ";"))
        for selectors, body in _RULE.findall(_COMMENT.sub("", styles))
        for selector in selectors.split(",")
    }
    surface = _colours(rules[".ask-form"]["background"], named, ("#ffffff", "#000000"))
    answers = {
        style: _look(rules[".answer"] | rules[f".answer.{style}"], named, surface)
        for style in ("filled", "outline", "link")
    }
    texts = {
        name: _look(rules[name], named, surface)
        for name in (".ask-form", ".ask-help", ".ask-words", ".ask-error")
    }
    hidden = [selector for selector, rule in rules.items() if _hides(selector, rule)]
    return Appearance(texts, answers, _pixels(rules[".ask-box"]["min-block-size"]), surface, tuple(hidden))


def _hides(selector: str, rule: Mapping[str, str]) -> bool:
    takes_ring = rule.get("outline", "").split(" ")[0] in ("none", "0")
    native = any(part in selector for part in ("input", ".answer", ".ask-box"))
    gone = rule.get("display") == "none" or rule.get("visibility") == "hidden"
    return takes_ring or (native and gone)


def _look(rule: Mapping[str, str], named: Mapping[str, str], surface: Colours) -> Look:
    return Look(
        _colours(rule["color"], named, surface),
        _colours(rule.get("background", "transparent"), named, surface),
        _pixels(rule.get("min-block-size", "0")),
    )


def _colours(value: str, named: Mapping[str, str], behind: Colours) -> Colours:
    if value == "transparent":
        return behind
    if value.startswith("var("):
        return _colours(named[value[4:-1].strip()], named, behind)
    pair = _PAIR.search(value)
    light, dark = (pair[1].strip(), pair[2].strip()) if pair else (value, value)
    if not (_HEX.fullmatch(light) and _HEX.fullmatch(dark)):
        raise ValueError(f"Colours of forms are written as #rrggbb, not {value!r}.")
    return light, dark


def _pixels(value: str) -> float:
    number = float(re.sub(r"[^\d.]", "", value) or 0)
    return number * ROOT_PIXELS if value.endswith("rem") else number
