"""The record of processing activities (GDPR Art. 30(1)), as data: for the page, CSV and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.db import connection
from django.utils.translation import gettext as _

from cdp.lib import clock
from consent import house, names
from consent.datamap.mapping import DataMap, PurposeLine
from consent.models import BalancingTest
from organisations.models import Organisation

Record = dict[str, Any]


def build(found: DataMap) -> Record:
    """Plain values with stable keys; words are in the reader's language. `missing` is part of it."""
    here = cast(Organisation, connection.tenant)  # type: ignore[attr-defined]
    told = house.settings()
    return {
        "made_at": clock.now().isoformat(timespec="seconds"),
        "controller": {
            "name": told.legal_name or here.name,
            "address": told.address,
            "country": here.country,
            "contact_email": told.contact_email,
            "contact_phone": told.contact_phone,
            "data_protection_officer": told.officer,
            "privacy_notice": told.privacy_url,
        },
        "purposes": [_purpose(line) for line in found.purposes],
        "persons": _persons(),
        "data": [
            {
                "category": line.label,
                "tables": [str(store.label) for store in line.stores],
                "fields": sorted({name for store in line.stores for name in store.personal}),
                "kept": line.kept,
            }
            for line in found.categories
        ],
        "sources": [
            {
                "name": line.source.name,
                "owner": line.source.owner,
                "purpose": line.source.purpose,
                "country": line.source.country,
                "keys": line.keys,
                "fields": [f"{each.theirs} ({each.ours})" if each.theirs else str(each.ours)
                           for feed in line.feeds for each in feed.fields],
            }
            for line in found.sources
        ],
        "recipients": [
            {
                "name": line.name,
                "country": line.country,
                "given": line.given,
                "transfer": line.is_transfer,
            }
            for line in found.recipients
        ],
        "security": _security(),
        "missing": [gap.words for gap in found.gaps()],
    }  # fmt: skip


def _purpose(line: PurposeLine) -> Record:
    return {
        "key": line.purpose.pk,
        "name": line.name,
        "legal_ground": str(line.purpose.get_legal_ground_display()),
        "retention": line.purpose.retention_note,
        "asked_at": line.asked_at,
        "balancing_tests": [_test(test) for test in line.tests],
    }


def _test(test: BalancingTest) -> Record:
    return {
        "name": test.name,
        "channel": names.channel(test.channel) if test.channel else _("Calls and letters"),
        "approved_by": test.approved_by,
        "approved_on": test.approved_at.date().isoformat() if test.approved_at else "",
        "review_on": test.review_on.isoformat() if test.review_on else "",
    }


def _persons() -> list[str]:
    return [
        _("Customers: buyers of tickets and goods, subscribers, members"),
        _("Attendees whose address a buyer gave"),
        _("People who signed up for news"),
        _("Visitors of the website"),
        _("Staff who work in Foyer"),
    ]


def _security() -> list[str]:
    """What Foyer itself does; what the house adds around it is the house's to write down (Art. 32)."""
    return [
        _("Each organisation has a schema of its own; no statement crosses from one to another."),
        _("Roles decide who may see, change and export; administrators can be made to use two factors."),
        _("Every look at a person is logged with its purpose; odd ones are told to the privacy lead."),
        _("Permissions, audit and access logs are append-only; permissions are sealed every night."),
        _("Secrets of connected systems, letters and network addresses are encrypted."),
        _("Erased people are remembered by a keyed hash alone, whose key lies outside the database."),
    ]


def lines(record: Record) -> Iterator[tuple[str, str, str, str]]:
    """The record as a table: part, entry, field, value."""
    yield _("Part"), _("Entry"), _("Field"), _("Value")
    for key, value in record["controller"].items():
        yield _("Controller"), "", key, str(value)
    for part, entries, called in (
        (_("Purpose"), record["purposes"], "name"),
        (_("Data"), record["data"], "category"),
        (_("Source"), record["sources"], "name"),
        (_("Recipient"), record["recipients"], "name"),
    ):
        for entry in entries:
            for key, value in entry.items():
                if key != called:
                    yield part, str(entry[called]), key, _flat(value)
    for part, words in (
        (_("Persons"), record["persons"]),
        (_("Security"), record["security"]),
        (_("Missing"), record["missing"]),
    ):
        yield from ((part, "", "", str(each)) for each in words)


def _flat(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_flat(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(str(each) for each in value.values() if each)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
