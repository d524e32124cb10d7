"""Example organisations: invented people to try things on, gone with one click."""

import logging
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from organisations.models import Organisation, User

log = logging.getLogger(__name__)


class NotAnExample(Exception):
    """Only example data may be removed like this."""


def _mark(slug: str) -> Path:
    return Path(settings.FOYER_DATA) / "examples-removed" / slug


def was_removed(slug: str) -> bool:
    """Whether somebody took this example away: the next start does not bring it back."""
    return _mark(slug).exists()


def remove(*, actor: User, organisation: Organisation) -> None:
    """Drops an example organisation with its schema, its audit log included: nobody in it was real.

    The installation's log keeps that it happened.
    """
    if not organisation.is_demo:
        raise NotAnExample(organisation.slug)
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    with transaction.atomic():
        organisation.delete(force_drop=True)
    _mark(organisation.slug).parent.mkdir(parents=True, exist_ok=True)
    _mark(organisation.slug).touch()
    log.info("example organisation %s removed by user %s", organisation.slug, actor.pk)
