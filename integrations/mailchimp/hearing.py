"""Mailchimp's webhooks: form fields with PHP-style keys, no number of their own, sometimes signed.

A no is written at once; everything else wakes a pull, which sees for itself.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from cdp.lib import sql
from consent.facts import EventType
from integrations.errors import Rejected
from integrations.mailchimp import said
from integrations.mailchimp.models import AudienceMember
from integrations.mailchimp.pulling import normalised
from integrations.mailchimp.settings import AudienceSettings
from integrations.models import Connection, Trigger
from integrations.runs import start
from profiles.models import Identifier

SIGNATURE = "X-Mailchimp-Signature"
OLDEST = 300  # seconds a signature is good for
WAKING = ("subscribe", "profile", "upemail")
Form = Mapping[str, str]


def key(connection: Connection, request: HttpRequest) -> str:
    """By what a repeat is known: kind, time, address and audience. Refuses a wrong signature."""
    check_signature(connection, request.headers.get(SIGNATURE, ""), request.body)
    form = parse(request.body)
    settings = AudienceSettings.of(connection)
    kind, address = form.get("type", ""), form.get("data[email]") or form.get("data[new_email]") or ""
    if not kind or form.get("data[list_id]", "") != settings.audience:
        raise Rejected(_("Not a webhook of this audience."))
    return said.event_id(settings, kind, form.get("fired_at", ""), normalised(address))


def parse(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=500))
    except ValueError as error:
        raise Rejected(_("Not a form.")) from error


def addresses(form: Form) -> set[str]:
    """Every address that a delivery names."""
    named = (form.get(f"data[{field}]", "") for field in ("email", "new_email", "old_email"))
    return {normalised(address) for address in named if address}


def check_signature(connection: Connection, header: str, body: bytes) -> None:
    """HMAC-SHA-256 over time and body, where the account has it (since August 2026); else the secret
    in the address is all there is."""
    secret = connection.secrets.get("webhook_signing", "")
    if not secret:
        return
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    stamp = parts.get("t", "")
    wanted = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    fresh = stamp.isdecimal() and abs(time.time() - int(stamp)) <= OLDEST
    if not fresh or not constant_time_compare(wanted, parts.get("v1", "")):
        raise Rejected(_("The signature is wrong or old."))


def handle_webhook(connection: Connection, form: Form) -> str:
    """What one delivery leads to. Safe to repeat, and in any order: the ledger goes by `fired_at`."""
    kind = form.get("type", "")
    if kind == "unsubscribe" and form.get("data[action]") != "delete":
        return _unsubscribed(connection, form)
    if kind == "cleaned":
        return _cleaned(connection, form)
    if kind in (*WAKING, "unsubscribe"):  # deleted by an administrator: nothing that the person said
        start(connection=connection, trigger=Trigger.WEBHOOK)
        return _("A pull was started.")
    return _("Nothing to do.")


def _unsubscribed(connection: Connection, form: Form) -> str:
    address = normalised(form.get("data[email]", ""))
    _note(connection, address, "unsubscribed")
    identifier = said.known(address)
    if identifier is None:
        start(connection=connection, trigger=Trigger.WEBHOOK)
        return _("Not known yet: a pull was started.")
    abuse = form.get("data[reason]") == "abuse"
    _write_no(connection, form, identifier, EventType.COMPLAINT if abuse else EventType.WITHDRAW)
    return _("The no is in the ledger.")


def _cleaned(connection: Connection, form: Form) -> str:
    """The address bounces, or its owner reported spam: Mailchimp writes to it no more."""
    address = normalised(form.get("data[email]", ""))
    _note(connection, address, "cleaned")
    identifier = said.known(address)
    if identifier is None:
        return _("Nobody we know.")
    said.bounced([identifier.pk])
    if form.get("data[reason]") == "abuse":
        _write_no(connection, form, identifier, EventType.COMPLAINT)
    return _("The address is noted as not in use.")


def _write_no(connection: Connection, form: Form, identifier: Identifier, what: EventType) -> None:
    settings, fired_at = AudienceSettings.of(connection), form.get("fired_at", "")
    said.no(
        settings,
        identifier,
        what=what,
        occurred_at=_moment(fired_at),
        event=said.event_id(settings, form.get("type", ""), fired_at, identifier.value),
        campaign=form.get("data[campaign_id]", ""),
    )


def _note(connection: Connection, address: str, status: str) -> None:
    """The member is this from now on, also for a plan that is being sent at this moment."""
    AudienceMember.objects.filter(connection=connection, address=address).update(
        status_remote=status,
        status_seen=status,
        status_pushed="",
        seen_at=sql.value("integrations/mailchimp/moment"),
    )


def _moment(fired_at: str) -> dt.datetime | None:
    """`YYYY-MM-DD HH:MM:SS`, in UTC."""
    try:
        return dt.datetime.fromisoformat(fired_at).replace(tzinfo=dt.UTC)
    except ValueError:
        return None
