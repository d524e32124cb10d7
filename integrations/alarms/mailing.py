"""Mails alarms once, at their opening, to the administrators who want it."""

from __future__ import annotations

import logging
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils.translation import ngettext

from integrations.models import Alarm, AlarmOptOut
from organisations.models import Membership, Organisation
from organisations.roles import Role

log = logging.getLogger(__name__)


def mail_new(organisation: Organisation) -> int:
    """One mail about everything that opened since the last round. Returns how many alarms it tells of.

    An alarm is claimed by compare-and-set before the mail goes out, so that two rounds at once send
    one; when the mail server refuses, the claim is given back for the next round.
    """
    alarms = [alarm for alarm in Alarm.objects.open().filter(mailed_at=None) if _claim(alarm)]
    readers = _readers(organisation) if alarms else []
    if not readers:
        return 0
    try:
        _send(organisation, alarms, readers)
    except (OSError, smtplib.SMTPException) as error:
        log.error("Alarms could not be mailed: %s", type(error).__name__)
        Alarm.objects.filter(pk__in=[alarm.pk for alarm in alarms]).update(mailed_at=None)
        return 0
    return len(alarms)


def _claim(alarm: Alarm) -> bool:
    return bool(Alarm.objects.filter(pk=alarm.pk, mailed_at=None).update(mailed_at=Now()))


def _readers(organisation: Organisation) -> list[str]:
    unwanted = AlarmOptOut.objects.values_list("user_id", flat=True)
    administrators = Membership.objects.filter(
        organisation=organisation, role=Role.ADMINISTRATOR, user__is_active=True
    )
    return list(administrators.exclude(user__in=list(unwanted)).values_list("user__email", flat=True))


def _send(organisation: Organisation, alarms: list[Alarm], readers: list[str]) -> None:
    """One message per reader: nobody sees the others' addresses."""
    title = ngettext(
        "%(organisation)s: %(number)s alarm", "%(organisation)s: %(number)s alarms", len(alarms)
    ) % {"organisation": organisation.name, "number": len(alarms)}
    links = [(alarm, f"{settings.FOYER_BASE_URL}{alarm.get_absolute_url()}") for alarm in alarms]
    body = render_to_string("integrations/alarm_mail.txt", {"links": links, "organisation": organisation})
    connection = get_connection()
    connection.send_messages([EmailMessage(title, body, to=[reader]) for reader in readers])
