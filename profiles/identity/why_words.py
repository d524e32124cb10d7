"""Why records are one person, in words: the sentence on top, and what boxes and rows say."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import formats, timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organisations.templatetags.foyer import phone
from profiles.identity.why import Tie, Why
from profiles.models import SourceRecord
from profiles.templatetags.identity import share

NAMED = 3
"""So many identifiers, and so many people who said so, are named in the sentence on top."""


def sentence(found: Why) -> str:
    """Why they are one."""
    count = len(found.records)
    if count == 0:
        return _("No source knows this person any more.")
    if count == 1:
        return _("One record alone makes up this person, so nothing had to be joined.")
    reasons = "; ".join(_reasons(found))
    if not reasons:
        words = _("These %(count)d records are together, but nothing that is known today joins them.")
        return words % {"count": count}
    words = _("These %(count)d records are one person because %(reasons)s.")
    return words % {"count": count, "reasons": reasons}


def _reasons(found: Why) -> Iterator[str]:
    shared = [tie for tie in found.joining if tie.what == "identifier"]
    if shared:
        named = [_named(tie) for tie in shared[:NAMED]]
        if rest := len(shared[NAMED:]):
            named.append(ngettext("%(count)d more", "%(count)d more", rest) % {"count": rest})
        yield _("they share %(what)s") % {"what": get_text_list(named, _("and"))}
    for tie in [tie for tie in found.joining if tie.what == "word"][:NAMED]:
        yield _("%(who)s said so on %(day)s") % {"who": tie.who, "day": day_of(tie)}
    links = [tie.certainty or 0 for tie in found.joining if tie.what == "link"]
    if links:
        yield _("the matcher found them alike (%(certainty)s)") % {"certainty": share(min(links))}


def _named(tie: Tie) -> str:
    if tie.is_contact:
        return value_of(tie)
    return _("the %(kind)s %(value)s") % {"kind": str(tie.label).lower(), "value": shortened(tie.value, 22)}


def value_of(tie: Tie) -> str:
    """What it is: the value itself, who said so, or how alike two are."""
    if tie.what == "word":
        return tie.who
    if tie.what == "link":
        return _("%(certainty)s alike") % {"certainty": share(tie.certainty)}
    return phone(tie.value) if tie.kind == "phone" else tie.value


def about(tie: Tie) -> str:
    """What kind of thing it is and what it does."""
    if tie.what == "word":
        return _("said so on %(day)s") % {"day": day_of(tie)}
    if tie.what == "link":
        return f"{tie.label}, {day_of(tie, 'SHORT_DATE_FORMAT')}"
    if tie.joins:
        return _("%(kind)s, joins %(count)s") % {"kind": tie.label, "count": records(len(tie.records))}
    return f"{tie.label}, {tie.short}" if tie.short else str(tie.label)


def day_of(tie: Tie, style: str = "DATE_FORMAT") -> str:
    return formats.date_format(timezone.localtime(tie.at), style) if tie.at else ""


def records(count: int) -> str:
    return ngettext("%(count)d record", "%(count)d records", count) % {"count": count}


def own_name(record: SourceRecord) -> str:
    """What the record calls its person."""
    return f"{record.given_name} {record.family_name}".strip() or record.company or _("without a name")


def called(record: SourceRecord) -> str:
    return f"{record.source.name}: {own_name(record)}"


def shortened(text: str, room: float) -> str:
    """With the middle left out where it is wider than so many letters: of an address both ends tell most."""
    if _width(text) <= room:
        return text
    head, tail = _as_much(text, (room - 1) * 0.6), _as_much(text[::-1], (room - 1) * 0.4)[::-1]
    return f"{head}…{tail}"


_NARROW, _WIDE, _BROAD = frozenset(" .,:;'|!()[]-filjrtI1"), frozenset("mwMW@%—"), frozenset("023456789")


def _letter(sign: str) -> float:
    """How wide one is, beside a small letter of the house's font."""
    if sign in _NARROW:
        return 0.6
    if sign in _WIDE:
        return 1.5
    return 1.12 if sign in _BROAD or sign.isupper() else 1.0


def _width(text: str) -> float:
    return sum(map(_letter, text))


def _as_much(text: str, room: float) -> str:
    for end in range(len(text)):
        room -= _letter(text[end])
        if room < 0:
            return text[:end]
    return text
