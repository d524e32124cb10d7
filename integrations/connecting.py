"""Setting connections up and changing them. Each verb writes to the audit log; none logs a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.text import slugify
from django.utils.translation import gettext as _

from integrations.addresses import deadline
from integrations.connectors import registry
from integrations.defaults import new_secret
from integrations.errors import ConfigurationError, ConnectorError
from integrations.models import AlarmOptOut, Connection
from organisations.audit.verbs import record
from organisations.models import User
from profiles.models import Source

CHECK_SECONDS = 15.0
"""A person waits for the answer, and so does one of a few web threads."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What trying a connection's settings came to; `message` is for people."""

    ok: bool
    message: str


def create(
    *,
    actor: User | None,
    connector: str,
    name: str,
    source: Source,
    config: Mapping[str, Any] | None = None,
    secrets: Mapping[str, Any] | None = None,
    **schedule: Any,
) -> Connection:
    """`schedule` are the connection's own fields: schedule_time, weekdays, after_sources, apply_mode."""
    if connector not in registry():
        raise ConfigurationError(_("There is no connector called “%(name)s”.") % {"name": connector})
    connection = Connection(
        connector=connector,
        name=name,
        slug=free_slug(Connection, name),
        source=source,
        config=dict(config or {}),
    )
    for field, value in schedule.items():
        setattr(connection, field, value)
    connection.secrets = dict(secrets or {})
    with transaction.atomic():
        connection.save()
        summary = {"connector": connector, "name": name}
        record(actor=actor, verb="connection.created", target=connection.slug, summary=summary)
    return connection


def change(
    *,
    connection: Connection,
    actor: User | None,
    config: Mapping[str, Any] | None = None,
    secrets: Mapping[str, Any] | None = None,
    **fields: Any,
) -> None:
    """`config` and `secrets` are merged into what is there; a secret left out stays as it is."""
    merged = {**connection.config, **(config or {})}
    changed = sorted(key for key in merged if merged[key] != connection.config.get(key))
    changed += sorted(name for name, value in fields.items() if getattr(connection, name) != value)
    connection.config = merged
    if secrets:
        connection.secrets = {**connection.secrets, **secrets}
        changed += sorted(secrets)
    for name, value in fields.items():
        setattr(connection, name, value)
    with transaction.atomic():
        connection.save()
        record(actor=actor, verb="connection.changed", target=connection.slug, summary={"changed": changed})


def switch(*, connection: Connection, actor: User | None, on: bool) -> None:
    """Off: nothing runs by itself. On again: mornings missed meanwhile are not made good one by one."""
    with transaction.atomic():
        changed = Connection.objects.filter(pk=connection.pk, enabled=not on).update(
            enabled=on, **({"enabled_at": Now()} if on else {})
        )
        if changed:
            verb = "connection.enabled" if on else "connection.disabled"
            record(actor=actor, verb=verb, target=connection.slug)


def renew_webhook_secret(*, connection: Connection, actor: User | None) -> str:
    """The old address answers nobody from now on."""
    connection.webhook_secret = new_secret()
    with transaction.atomic():
        connection.save(update_fields=["webhook_secret"])
        record(actor=actor, verb="connection.webhook_renewed", target=connection.slug)
    return connection.webhook_secret


def check(connection: Connection) -> Checked:
    """Tries the settings against the other side; also for a connection that is not saved yet."""
    try:
        with deadline.within(CHECK_SECONDS):
            connection.open().check()
    except ConnectorError as error:
        return Checked(ok=False, message=str(error))
    return Checked(ok=True, message=_("It works: the other system answers."))


def want_alarm_mail(*, user: User, wanted: bool) -> None:
    if wanted:
        AlarmOptOut.objects.filter(user=user).delete()
    else:
        AlarmOptOut.objects.get_or_create(user=user)


def source_for(*, name: str, kind: str, country: str) -> Source:
    """A new source for a new connection."""
    return Source.objects.create(name=name, slug=free_slug(Source, name), kind=kind, country=country)


def free_slug(model: type[Connection] | type[Source], name: str) -> str:
    """A short name nobody has yet: `ticketmaster`, then `ticketmaster-2`."""
    stem = slugify(name)[:50] or "system"
    taken = set(model._default_manager.filter(slug__startswith=stem).values_list("slug", flat=True))
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(slug for slug in numbered if slug not in taken)
