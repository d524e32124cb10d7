"""What who-is-who adds to the person page: why these records are one, the journal, who else it may be."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from profiles.identity import why_words
from profiles.identity.why import Tie, Why, why
from profiles.identity.why_picture import picture
from profiles.models import Profile
from profiles.panels import Panel

LISTED = 200
"""Rows of the table; a person with more is a reseller, and the tab says so."""


def why_one(person: Profile) -> dict[str, Any]:
    """The tab "Why one person?"."""
    found = why(person)
    return {
        "sentence": why_words.sentence(found),
        "picture": picture(found),
        "ties": _ties(found),
        "records": _records(found),
        "left_out": max(0, len(found.ties) - LISTED, len(found.records) - LISTED),
        "apart": found.apart,
        "others": [each.profile for each in found.apart],
    }


def _ties(found: Why) -> list[tuple[Tie, str, list[str]]]:
    """Each with its value, and the records that it is about."""
    names = {record.pk: why_words.called(record) for record in found.records}
    return [
        (tie, why_words.value_of(tie), [names[record] for record in tie.records])
        for tie in found.ties[:LISTED]
    ]


def _records(found: Why) -> list[tuple[int, str, list[str]]]:
    """Each with what it is called, and the values it shows."""
    shows: dict[int, list[str]] = {record.pk: [] for record in found.records}
    for tie in found.ties:
        if tie.what == "identifier":
            for record in tie.records:
                shows[record].append(why_words.value_of(tie))
    return [(r.pk, why_words.called(r), shows[r.pk]) for r in found.records[:LISTED]]


PANELS = (Panel("why", _("Why one person?"), "identity/_why.html", why_one, "tab", position=60),)
