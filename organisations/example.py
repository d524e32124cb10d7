"""Example organisations: invented people to try things on, gone with one click."""

import logging
from collections.abc import Callable

from django.db import connection, transaction

from organisations import removed
from organisations.models import Organisation, User

log = logging.getLogger(__name__)

Forget = Callable[[Organisation], None]
_forgetters: list[Forget] = []


class NotAnExample(Exception):
    """Only example data may be removed like this."""


def also(forget: Forget) -> None:
    """Rooms that keep something outside the schema say in `AppConfig.ready` how it goes."""
    _forgetters.append(forget)


def was_removed(slug: str) -> bool:
    """Whether somebody took this example away: the next start does not bring it back."""
    return removed.had(slug)


def remove(*, actor: User, organisation: Organisation) -> None:
    """Drops an example organisation with its schema, its audit log included: nobody in it was real.

    What it kept elsewhere goes too, and its short name is given to nobody again. The installation's log
    keeps that it happened.
    """
    if not organisation.is_demo:
        raise NotAnExample(organisation.slug)
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    with transaction.atomic():
        organisation.delete(force_drop=True)
    removed.note(organisation.slug)
    for forget in _forgetters:
        forget(organisation)
    log.info("example organisation %s removed by user %s", organisation.slug, actor.pk)
