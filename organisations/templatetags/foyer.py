"""Template tags and filters of the back office: icons, badges, fields, numbers, times.

They render the parts described in docs/reference/design-system.md and never touch the database.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeData, SafeString, mark_safe
from django.utils.timesince import timesince
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from organisations.locale import is_spoken

register = template.Library()

Text = str | Promise

#: state -> (colour class, icon, label). One word and one sign for every state in the product.
BADGES: dict[str, tuple[str, str, Text]] = {
    "done": ("good", "check", gettext_lazy("Done")),
    "ok": ("good", "check", gettext_lazy("OK")),
    "yes": ("good", "check", gettext_lazy("Yes")),
    "active": ("good", "check", gettext_lazy("Active")),
    "applied": ("good", "check", gettext_lazy("Applied")),
    "verified": ("good", "shield-check", gettext_lazy("Verified")),
    "paid": ("good", "check", gettext_lazy("Paid")),
    "running": ("info", "loader-circle", gettext_lazy("Running")),
    "applying": ("info", "loader-circle", gettext_lazy("Applying")),
    "planned": ("info", "list-checks", gettext_lazy("Ready to apply")),
    "new": ("info", "sparkles", gettext_lazy("New")),
    "queued": ("calm", "clock", gettext_lazy("Queued")),
    "pending": ("calm", "clock", gettext_lazy("Pending")),
    "waiting": ("warn", "hand", gettext_lazy("Waiting for you")),
    "warning": ("warn", "triangle-alert", gettext_lazy("Needs a look")),
    "held": ("warn", "triangle-alert", gettext_lazy("Held")),
    "late": ("warn", "clock", gettext_lazy("Late")),
    "failed": ("bad", "x", gettext_lazy("Failed")),
    "no": ("bad", "x", gettext_lazy("No")),
    "blocked": ("bad", "ban", gettext_lazy("Blocked")),
    "cancelled": ("calm", "ban", gettext_lazy("Cancelled")),
    "refunded": ("calm", "undo-2", gettext_lazy("Refunded")),
    "expired": ("calm", "clock", gettext_lazy("Expired")),
    "undone": ("calm", "undo-2", gettext_lazy("Undone")),
    "skipped": ("calm", "minus", gettext_lazy("Skipped")),
    "off": ("calm", "pause", gettext_lazy("Off")),
    "unknown": ("calm", "circle-dashed", gettext_lazy("Not known")),
    "marketing": ("good", "mail-check", gettext_lazy("Marketing")),
    "own_similar": ("info", "mail", gettext_lazy("Own similar offers")),
    "service": ("calm", "receipt", gettext_lazy("Service only")),
    "none": ("bad", "ban", gettext_lazy("Nothing")),
}

EQUATION: dict[str, Text] = {
    "read": gettext_lazy("read"),
    "created": gettext_lazy("created"),
    "updated": gettext_lazy("updated"),
    "unchanged": gettext_lazy("unchanged"),
    "held": gettext_lazy("held"),
    "failed": gettext_lazy("failed"),
    "erased": gettext_lazy("erased before"),
}
TERM_COLOURS = {"created": "good", "held": "warn", "failed": "bad"}

#: the second stroke of "g p": menu key -> letter
LETTERS = {
    "home": "h",
    "people": "p",
    "connections": "c",
    "runs": "r",
    "plans": "l",
    "merges": "m",
    "segments": "s",
    "campaigns": "k",
    "privacy": "y",
}


@register.simple_tag
def icon(name: str, extra: str = "", label: str = "") -> SafeString:
    """One icon of static/icons/sprite.svg. Decorative unless a label is given."""
    named = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon {}" {}><use href="{}#{}"></use></svg>',
        extra,
        named,
        static("icons/sprite.svg"),
        name,
    )


@register.filter
def letter(key: str) -> str:
    """The letter that follows g to open this menu entry; empty where it has none."""
    return LETTERS.get(key, "")


@register.filter
def any_current(items: Iterable[Any]) -> bool:
    return any(item.current for item in items)


@register.simple_tag
def badge(state: str, label: str = "", kind: str = "") -> SafeString:
    """A pill for a state: colour, sign and word. Unknown states show their own name, calm."""
    colour, sign, word = BADGES.get(str(state), ("calm", "circle", str(state).replace("_", " ")))
    spin = "spin" if sign == "loader-circle" else ""
    return format_html('<span class="badge {}">{} {}</span>', kind or colour, icon(sign, spin), label or word)


@register.simple_tag
def badge_of(states: Mapping[Any, str], key: Any) -> SafeString:
    """The badge of one row, from a mapping of all; a dash where it has none."""
    state = states.get(key)
    return badge(state) if state else mark_safe('<span class="muted">–</span>')


@register.inclusion_tag("components/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """A form field with its label, help and errors, whatever its widget."""
    widget = bound.field.widget
    return {
        "field": bound,
        "kind": "check" if isinstance(widget, CheckboxInput) else "",
        "needed": "data-needed" in widget.attrs,
        "group": isinstance(widget, (RadioSelect, CheckboxSelectMultiple)),
    }


@register.simple_tag
def progress(value: int | None, maximum: int | None, label: str = "") -> SafeString:
    """A progress bar with its numbers; without a known end it only shows that work goes on."""
    done = number(value or 0)
    if not maximum:
        return format_html(
            '<div class="progress"><progress aria-label="{}"></progress><span>{}</span></div>',
            label or _("Progress"),
            done,
        )
    return format_html(
        '<div class="progress"><progress value="{}" max="{}" aria-label="{}"></progress>'
        "<span>{} / {}</span></div>",
        str(value or 0),
        str(maximum),
        label or _("Progress"),
        done,
        number(maximum),
    )


@register.inclusion_tag("components/equation.html")
def equation(counts: Mapping[str, int]) -> dict[str, Any]:
    """Every row accounted for: read = created + updated + … from a mapping in that order."""
    terms = [
        (EQUATION.get(name, name), value, TERM_COLOURS.get(name, "") if value else "zero")
        for name, value in counts.items()
    ]
    return {"terms": terms}


@register.simple_tag
def ago(moment: datetime | None, empty: str = "–") -> SafeString:
    """'3 hours ago', with the exact local time as title and for machines."""
    if moment is None:
        return format_html("{}", empty)
    text = _("%(time)s ago") % {"time": timesince(moment, depth=1)}
    if (timezone.now() - moment).total_seconds() < 60:
        text = _("just now")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact(moment), text)


@register.simple_tag
def clock(moment: datetime | None, empty: str = "–") -> SafeString:
    """The exact local time."""
    if moment is None:
        return format_html("{}", empty)
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), exact(moment))


def exact(moment: datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT")


@register.filter
def number(value: Any) -> str:
    """A count with the language's thousands separator. For counts, never for years or ids."""
    if value is None or value == "":
        return "–"
    return formats.number_format(value, force_grouping=True)


@register.filter
def percent(part: Any, whole: Any) -> str:
    """part as a percentage of whole, in whole per cent."""
    return f"{round(100 * float(part or 0) / float(whole)):d} %" if whole else "–"


@register.simple_tag
def money(amount: Decimal | float | None, currency: str = "") -> str:
    """An amount without needless decimals, its currency code before it."""
    if amount is None:
        return "–"
    places = 0 if amount == int(amount) else 2
    shown = formats.number_format(Decimal(amount), decimal_pos=places, force_grouping=True)
    return f"{currency}\u00a0{shown}" if currency else shown


def _unescaped(text: Any) -> str:
    """`firstof … as name` hands on what is escaped already: O&#x27;Brien for O'Brien."""
    return html.unescape(str(text)) if isinstance(text, SafeData) else str(text or "")


@register.filter
def initials(name: Any) -> str:
    """Two letters for an avatar: the first of the first and of the last word."""
    words = [word for word in re.split(r"[\s@._-]+", _unescaped(name)) if word[:1].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper()


@register.simple_tag
def mail_is_kept() -> bool:
    """Whether letters are only written to a file: then nobody should wait for one."""
    return "filebased" in settings.EMAIL_BACKEND or "console" in settings.EMAIL_BACKEND


@register.filter
def language_name(code: Any) -> str:
    """nb → Norwegian Bokmål; a code Django does not know stays as it is."""
    try:
        return str(get_language_info(str(code))["name_translated"])
    except KeyError:
        return str(code)


@register.filter
def lookup(mapping: Mapping[str, Any] | None, key: str) -> Any:
    """mapping[key]: unlike a dot, it cannot call a method of the same name ('items')."""
    return (mapping or {}).get(key, "")


@register.filter
def phone(value: Any) -> str:
    """+4741229017 as +47 41 22 90 17; anything else as it is."""
    from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, parse

    try:
        return format_number(parse(str(value or "")), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return str(value or "")


@register.filter
def breakable(address: Any) -> SafeString:
    """An e-mail address or path that may break after @, dot, slash or dash, not inside a word."""
    parts = re.split(r"(?<=[@./_-])", _unescaped(address))
    return mark_safe("<wbr>".join(format_html("{}", part) for part in parts))  # noqa: S308


@register.filter
def undo_url(message: Any) -> str:
    """The address in a message's extra_tags ('undo=/runs/3/undo/'), for its Undo button."""
    found = re.search(r"undo=(/(?!/)[\w/.-]*)", getattr(message, "extra_tags", "") or "")
    return found.group(1) if found else ""


@register.filter
def translated(languages: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of (code, name) pairs that Foyer itself speaks: English, and what has a catalogue."""
    return [(code, name) for code, name in languages if is_spoken(code)]


@register.filter
def day(value: date | None) -> str:
    return formats.date_format(value, "DATE_FORMAT") if value else "–"
