"""This room's own menu entries and settings cards."""

from django.utils.translation import gettext_lazy as _

from organisations.navigation import Entry, register
from organisations.roles import Can

ENTRIES = (
    Entry(
        key="platform",
        label=_("Platform"),
        url_name="platform",
        icon="server",
        position=90,
        place="foot",
        operators=True,
    ),
    Entry(
        key="settings",
        label=_("All settings"),
        url_name="settings",
        icon="sliders-horizontal",
        position=1,
        place="settings",
    ),
    Entry(
        key="settings_organisation",
        label=_("Organisation"),
        url_name="settings_organisation",
        icon="building-2",
        position=10,
        capability=Can.MANAGE_MEMBERS,
        place="settings",
        help=_("Name, country, time zone, language, and whether administrators need two-factor sign-in."),
    ),
    Entry(
        key="settings_members",
        label=_("Members"),
        url_name="settings_members",
        icon="users",
        position=20,
        capability=Can.MANAGE_MEMBERS,
        place="settings",
        help=_("Who works here and what each may do. Invite colleagues by e-mail."),
    ),
    Entry(
        key="settings_tokens",
        label=_("API tokens"),
        url_name="settings_tokens",
        icon="key-round",
        position=30,
        capability=Can.MANAGE_TOKENS,
        place="settings",
        help=_("Let other systems in, each with a key of its own and no more than it needs."),
    ),
    Entry(
        key="settings_audit",
        label=_("Audit log"),
        url_name="settings_audit",
        icon="scroll-text",
        position=80,
        capability=Can.SEE_AUDIT,
        place="settings",
        help=_("Who did what, and who looked at whom."),
    ),
    Entry(
        key="settings_account",
        label=_("My account"),
        url_name="settings_account",
        icon="circle-user",
        position=95,
        place="settings",
        help=_("Your name, password and two-factor sign-in."),
    ),
)


def register_entries() -> None:
    for entry in ENTRIES:
        register(entry)
