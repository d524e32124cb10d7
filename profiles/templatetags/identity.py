"""Template tags of the identity pages. They never touch the database."""

from __future__ import annotations

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from profiles.identity.differing import BREAKS_AFTER, parts

register = template.Library()


@register.simple_tag
def marked(own: str, other: str) -> SafeString:
    """A value with what differs from the other one marked; it breaks after @, dot, slash and dash."""
    pieces = [
        format_html("<mark>{}</mark>", _breakable(text)) if differs else _breakable(text)
        for text, differs in parts(own, other)
    ]
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _breakable(text: str) -> SafeString:
    words = [conditional_escape(word) for word in BREAKS_AFTER.split(text)]
    return mark_safe("<wbr>".join(words))  # noqa: S308 each word is escaped


@register.filter
def share(value: float | None) -> str:
    """0.942 as 94 %; never 100 % for what is less than certain."""
    if value is None:
        return "–"
    rounded = round(100 * value)
    if rounded == 100 and value < 1:
        return f"{100 * value:.2f}".rstrip("0").rstrip(".")[:5].replace("100", "99.99") + " %"
    return f"{rounded} %"


@register.filter
def signed(weight: float) -> str:
    """A weight with its sign: +6.1, −1.3."""
    return f"{'+' if weight >= 0 else '−'}{abs(weight):.1f}"
