"""What the tables of runs, files and webhooks hold of a person, and what erasing does to them.

Before the person's records: rows that were kept as they came are found by what those say.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from integrations.erasing import deliveries, elsewhere, parcels
from organisations import personal_data
from organisations.personal_data import Doing, Free, Store

_EMPTY_PLACE = _(
    "The person's rows give way to empty places, so that every row of the delivery stays counted."
)

PARCELS = Store(
    model="integrations.Parcel",
    label=_("Rows as other systems sent them"),
    category="imports",
    personal=("content",),
    plain={"cursor": "where the reading goes on: times, numbers of pages and of rows"},
    doing=Doing.ANONYMISE,
    erase=parcels.forget_parcels,
    order=10,
    why=_EMPTY_PLACE,
)
UPLOADS = Store(
    model="integrations.Upload",
    label=_("Tables uploaded by hand"),
    category="imports",
    personal=("content",),
    plain={
        "noun": "what sort of table it is, from a fixed list",
        "name": "what the file is called by whoever uploaded it",
        "point": "key of a collection point",
        "header": "names of columns",
    },
    doing=Doing.ANONYMISE,
    erase=parcels.forget_uploads,
    order=10,
    why=_EMPTY_PLACE,
)
DELIVERIES = Store(
    model="integrations.WebhookDelivery",
    label=_("What other systems called to tell"),
    category="imports",
    personal=("body", "key"),
    plain={
        "content_type": "form or JSON",
        "state": "how far it has been handled, from a fixed list",
        "note": "what came of it, in words of Foyer's without personal data",
    },
    doing=Doing.DELETE,
    erase=deliveries.forget_deliveries,
    order=10,
)
RUNS = Store(
    model="integrations.Run",
    label=_("Whom an undone run had told other systems about"),
    category="runs",
    personal=("aftermath",),
    plain={
        "trigger": "what started it, from a fixed list",
        "state": "how far it is, from a fixed list",
        "options": "which file or upload it is about, by number",
        "cursor_before": "where its reading began",
        "cursor": "where its reading stands",
        "reason": "why it waits or failed, in words without personal data (integrations.errors)",
    },
    doing=Doing.ANONYMISE,
    erase=deliveries.forget_aftermaths,
    order=10,
    why=_("The person's number is taken out of the list."),
)
FREE = (
    Free("integrations.Connection", "How a system is reached and when; secrets are sealed and nobody's."),
    Free("integrations.RunStep", "Numbers of one step, and why it stopped in words without personal data."),
    Free("integrations.Alarm", "Sentences with numbers and names of connections, never of people."),
    Free("integrations.AlarmOptOut", "A colleague who wants no mail about alarms."),
)


def register() -> None:
    personal_data.register(PARCELS, UPLOADS, DELIVERIES, RUNS, *FREE)
    elsewhere.register()
