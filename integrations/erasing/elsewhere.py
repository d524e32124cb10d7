"""What only a person can ask of others: the systems the data came from, and tables that were downloaded.

Foyer reads those systems and folders and never deletes in them; the people who look after them are told.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.db.models import Min
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connectors import is_destination
from integrations.models import Connection
from organisations import personal_data
from organisations.audit.models import AuditEntry
from organisations.personal_data import ByHand, Destination, Recipient, Subject
from profiles.models import SourceRecord


def destinations() -> list[Destination]:
    return [*map(_source, Connection.objects.select_related("source").order_by("pk")), _downloads()]


# Where the data came from


def _source(connection: Connection) -> Destination:
    return Destination(
        key=f"source:{connection.slug}",
        label=_("%(name)s, where the data came from") % {"name": connection.name},
        holds=partial(_came_from, connection),
        forget=partial(_ask_source, connection),
    )


def _came_from(connection: Connection, subject: Subject) -> Iterator[tuple[str, str]]:
    """Only systems that are somebody else's to clean: Mailchimp is asked itself, uploads are Foyer's own."""
    if is_destination(connection) or connection.connector == "by_hand":
        return
    if SourceRecord.objects.filter(pk__in=subject.records, source=connection.source).exists():
        yield connection.slug, _("%(name)s, where the data came from") % {"name": connection.name}


def _ask_source(connection: Connection, address: str) -> str:
    owner = connection.source.owner or _("whoever looks after it")
    told = _("Ask %(owner)s to erase the person in %(source)s too.") % {
        "owner": owner,
        "source": connection.source.name,
    }
    raise ByHand(told + _files(connection))


def _files(connection: Connection) -> str:
    """Foyer's drop folder and its cousins hold the customer's own files."""
    if connection.connector != "file" or connection.config.get("place", "upload") == "upload":
        return ""
    return " " + _("The files in its folder (%(folder)s) still name the person: replace or delete them.") % {
        "folder": connection.config.get("folder") or connection.config.get("place")
    }


# What left as a table


def _downloads() -> Destination:
    return Destination(
        key="downloads",
        label=gettext_lazy("Tables that colleagues have downloaded"),
        holds=_downloaded,
        forget=_ask_colleagues,
        recipients=_downloaders,
    )


def _since(subject: Subject) -> list[AuditEntry]:
    """Downloads since the person was known, newest first. Which of them held the person is not recorded."""
    known = SourceRecord.objects.filter(pk__in=subject.records).aggregate(at=Min("created_at"))["at"]
    if known is None:
        return []
    entries = AuditEntry.objects.filter(verb="people.exported", at__gte=known)
    return list(entries.order_by("-id")[:200])


def _downloaded(subject: Subject) -> Iterator[tuple[str, str]]:
    found = _since(subject)
    if found:
        label = _("Tables downloaded by colleagues: %(times)d, last %(day)s") % {
            "times": len(found),
            "day": formats.date_format(found[0].at, "SHORT_DATE_FORMAT"),
        }
        yield "downloads", label


def _ask_colleagues(address: str) -> str:
    raise ByHand(
        _("Ask those who downloaded tables (Settings, Audit log: people exported) to delete the copies, or "
          "to take the person out, and to say where else they went.")
    )  # fmt: skip


def _downloaders(subject: Subject) -> Iterator[Recipient]:
    found = _since(subject)
    if found and subject.proven is None:
        yield Recipient(
            name=_("Colleagues of the house"),
            what=_("Tables of people, orders or permissions, as files"),
            last_at=found[0].at,
        )


def register() -> None:
    personal_data.register_destinations("elsewhere", destinations)
