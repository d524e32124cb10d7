"""This package's menu entry and the words of its verbs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from consent.registers.standing import standing
from organisations import navigation
from organisations.access import Can
from organisations.audit import labels

VERBS = {
    "register.uploaded": _("Opt-out register uploaded"),
    "register.in_force": _("Opt-out register put in force"),
    "register.discarded": _("Opt-out register discarded"),
    "register.numbers_exported": _("Own numbers exported for washing"),
}


def register() -> None:
    labels.register(VERBS)
    navigation.register(
        navigation.Entry(
            key="settings_registers",
            label=_("Opt-out registers"),
            url_name="registers:registers",
            icon="ban",
            position=44,
            capability=Can.MANAGE_PERMISSIONS,
            place="settings",
            count=lambda: sum(each.stale for each in standing()),
            help=_("Reservasjonsregisteret and Robinsonlisten: who may not be called or written to."),
        )
    )
