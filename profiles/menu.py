"""This room's menu entry, and its own parts of the people pages."""

from django.utils.translation import gettext_lazy as _

from organisations import navigation
from organisations.access import Can
from organisations.audit import labels
from profiles import listing, panels, person_page, timeline
from profiles.identity import queue, wording
from profiles.identity.pages import person as person_panels


def register_parts() -> None:
    navigation.register(
        navigation.Entry(
            key="people",
            label=_("People"),
            url_name="profiles:people",
            icon="users",
            position=20,
            capability=Can.SEE_PEOPLE,
        )
    )
    navigation.register(
        navigation.Entry(
            key="merges",
            label=_("Merge review"),
            url_name="identity:review",
            icon="git-merge",
            position=25,
            capability=Can.MERGE_PEOPLE,
            count=queue.open_count,
        )
    )
    labels.register(wording.VERBS)
    for part in (*person_page.PANELS, *timeline.STREAMS, *listing.FILTERS, *person_panels.PANELS):
        panels.register(part)
