"""This package's menu entry and the words of its verbs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organisations import navigation
from organisations.access import Can
from organisations.audit import labels

VERBS = {"unsubscribe.entered": _("Unsubscribed by e-mail, entered by staff")}


def register() -> None:
    labels.register(VERBS)
    navigation.register(
        navigation.Entry(
            key="settings_preferences",
            label=_("Unsubscribing"),
            url_name="preferences:setting",
            icon="mail-open",
            position=42,
            capability=Can.MANAGE_PERMISSIONS,
            place="settings",
            help=_("The page where customers choose, and the words your mails must carry."),
        )
    )
