"""Template tags of the identity pages. They never touch the database."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from django import template
from django.utils import formats
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from profiles.identity.differing import BREAKS_AFTER, parts

register = template.Library()


@register.simple_tag
def marked(own: str, other: str) -> SafeString:
    """A value with what differs from the other one marked.

    An address goes on in the next line after its @, and only where one half is too long
    for a line after a dot, slash or dash: never inside a word.
    """
    halves: list[list[SafeString]] = [[]]
    for text, differs in parts(own, other):
        halves[-1].append(format_html("<mark>{}</mark>", _breakable(text)) if differs else _breakable(text))
        if text == "@":
            halves.append([])
    if len(halves) == 1:
        return _joined(halves[0])
    return format_html_join(
        mark_safe("<wbr>"), '<span class="whole">{}</span>', ((_joined(h),) for h in halves)
    )


@register.filter
def address(value: object) -> SafeString:
    """A value without marks, breaking like a marked one."""
    return marked(str(value or ""), str(value or ""))


def _joined(pieces: list[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _breakable(text: str) -> SafeString:
    words = [conditional_escape(word) for word in BREAKS_AFTER.split(text)]
    return mark_safe("<wbr>".join(words))  # noqa: S308 each word is escaped


@register.filter
def share(value: float | None) -> str:
    """0.942 as 94 %. From 99 % up it is cut off after two decimals, never rounded up to what it is not."""
    if value is None:
        return "–"
    percent = Decimal(str(value)) * 100
    exact = percent.quantize(Decimal("0.01"), ROUND_DOWN) if percent >= 99 else percent.quantize(Decimal(1))
    return f"{formats.number_format(exact.normalize())} %" if exact < 100 else "100 %"


@register.filter
def signed(weight: float) -> str:
    """A weight with its sign: +6.1, −1.3."""
    return f"{'+' if weight >= 0 else '−'}{abs(weight):.1f}"
