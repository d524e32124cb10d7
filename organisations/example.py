"""Example organisations: invented people to try things on, gone with one click."""

import logging

from django.db import connection, transaction

from organisations.models import Organisation, User

log = logging.getLogger(__name__)


class NotAnExample(Exception):
    """Only example data may be removed like this."""


def remove(*, actor: User, organisation: Organisation) -> None:
    """Drops an example organisation with its schema, its audit log included: nobody in it was real.

    The installation's log keeps that it happened.
    """
    if not organisation.is_demo:
        raise NotAnExample(organisation.slug)
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    with transaction.atomic():
        organisation.delete(force_drop=True)
    log.info("example organisation %s removed by user %s", organisation.slug, actor.pk)
