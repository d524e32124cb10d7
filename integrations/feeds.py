"""What every connection brings in and hands out, for the data map."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from integrations.connectors import Connector, connector_for, is_destination
from integrations.models import Connection
from organisations import personal_data
from organisations.personal_data import Feed


def feeds() -> list[Feed]:
    """One for what each connection reads, one more for what it writes."""
    connections = Connection.objects.select_related("source").order_by("name")
    return [feed for connection in connections for feed in _feeds(connection)]


def _feeds(connection: Connection) -> Iterator[Feed]:
    connector = connector_for(connection)
    fields = tuple(connector.data_map())
    yield Feed(
        key=connection.slug,
        label=connection.name,
        source=connection.source.slug,
        url=connection.get_absolute_url(),
        fields=fields,
        active=connection.enabled,
        missing="" if fields else _("Nobody has said yet what its columns mean."),
    )
    if is_destination(connection):
        yield _outward(connection, connector)


def _outward(connection: Connection, connector: Connector) -> Feed:
    name, country = connector.recipient
    return Feed(
        key=f"{connection.slug}:out",
        label=connection.name,
        source=connection.source.slug,
        url=connection.get_absolute_url(),
        fields=tuple(connector.hands_out()),
        recipient=name or str(connector.name),
        country=country,
        active=connection.enabled,
        missing="" if name else _("Nobody has said who gets it, and in which country."),
    )


def register() -> None:
    personal_data.register_feeds("connections", feeds)
