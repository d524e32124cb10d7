"""This room's menu entry, and its own parts of the people pages."""

from django.utils.translation import gettext_lazy as _

from organisations import navigation
from organisations.access import Can
from organisations.audit import labels
from profiles import guarding, listing, looks, panels, person_page, timeline
from profiles.identity import acting, queue, rules, starting, taking_back, wording
from profiles.identity.pages import person as person_panels
from profiles.models import IdentityAct

ENTRIES = (
    navigation.Entry(
        key="people",
        label=_("People"),
        url_name="profiles:people",
        icon="users",
        position=20,
        capability=Can.SEE_PEOPLE,
    ),
    navigation.Entry(
        key="merges",
        label=_("Merge review"),
        url_name="identity:review",
        icon="git-merge",
        position=25,
        capability=Can.MERGE_PEOPLE,
        count=queue.open_count,
    ),
    navigation.Entry(
        key="identity_rules",
        label=_("Who is who"),
        url_name="identity:rules",
        icon="fingerprint",
        position=38,
        capability=Can.MANAGE_IDENTITY,
        place="settings",
        help=_("What proves that two records are one person, and which values never do."),
    ),
    navigation.Entry(
        key="survivorship",
        label=_("Which value counts"),
        url_name="identity:survivorship",
        icon="list-checks",
        position=40,
        capability=Can.MANAGE_IDENTITY,
        place="settings",
        help=_("Which source's name, address or e-mail is shown where several differ."),
    ),
    navigation.Entry(
        key="identity_links",
        label=_("Links between people"),
        url_name="identity:links",
        icon="link",
        position=44,
        capability=Can.MANAGE_IDENTITY,
        place="settings",
        help=_("What colleagues have said about who is one person and who is not; many at once."),
    ),
)


def register_parts() -> None:
    for entry in ENTRIES:
        navigation.register(entry)
    looks.register()
    panels.register(panels.Panel("guarded", _("Guarded"), "profiles/_guarded.html", guarding.badge, "badges"))
    labels.register(acting.LABELS)
    labels.register(wording.VERBS)
    labels.register({"survivorship.changed": _("Rules for which value counts changed")})
    taking_back.register_follow("survivorship", starting.recount)
    for kind in (IdentityAct.Kind.RULES, IdentityAct.Kind.IDENTIFIER, IdentityAct.Kind.UNDO):
        taking_back.register(kind, rules.take_back)
    for part in (*person_page.PANELS, *timeline.STREAMS, *listing.FILTERS, *person_panels.PANELS):
        panels.register(part)
