"""The menu entries and audit words of the privacy lead's pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from consent.datamap import home
from organisations import navigation
from organisations.access import Can
from organisations.audit import labels
from organisations.navigation import Entry

ENTRIES = (
    Entry(
        key="privacy",
        label=_("Privacy"),
        url_name="privacy:home",
        icon="shield-check",
        position=50,
        capability=Can.HANDLE_REQUESTS,
        count=home.waiting,
    ),
    Entry(
        key="settings_privacy",
        label=_("Controller"),
        url_name="privacy:settings",
        icon="building-2",
        position=41,
        capability=Can.MANAGE_PERMISSIONS,
        place="settings",
        help=_("Who answers for the data: name, address and contact, on public pages and in the record."),
    ),
    Entry(
        key="settings_rules",
        label=_("Rules of each country"),
        url_name="privacy:rules",
        icon="globe",
        position=43,
        capability=Can.MANAGE_PERMISSIONS,
        place="settings",
        help=_("What the law of each country asks for, children's ages too; and what you made stricter."),
    ),
)

VERBS = {
    "balancing_test.approved": _("Balancing test approved"),
    "balancing_test.retired": _("Balancing test retired"),
    "balancing_test.written": _("Balancing test written"),
    "privacy_settings.changed": _("Controller's details changed"),
    "processing_record.exported": _("Record of processing downloaded"),
    "source.described": _("Source's owner or purpose changed"),
}


def register() -> None:
    for entry in ENTRIES:
        navigation.register(entry)
    labels.register(VERBS)
