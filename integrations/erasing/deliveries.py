"""What other systems called to tell: whatever names the person goes, handled or not.

A no that waits to be heard is the person's own, and an erasure says more than it (CONSENT.md 3.4).
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qsl

import orjson
from django.db.models import Q
from django.db.models.functions import Now

from integrations.erasing.sieve import Sieve
from integrations.models import Run, WebhookDelivery
from organisations.personal_data import Subject
from profiles.models import Identifier


def forget_deliveries(subject: Subject) -> int:
    """By what their bodies say, and by the hash of an address that stands in a key."""
    sieve = Sieve.of(subject)
    named = [
        pk
        for pk, body in WebhookDelivery.objects.exclude(body=b"").values_list("pk", "body").iterator(500)
        if sieve and _names(sieve, bytes(body))
    ]
    gone: int = WebhookDelivery.objects.filter(Q(pk__in=named) | _by_key(subject)).delete()[0]
    return gone


def _names(sieve: Sieve, body: bytes) -> bool:
    said = _read(body)
    return sieve.traces.in_cells(said) if said is not None else sieve.may_be_in(body)


def _read(body: bytes) -> Any:
    """A form or JSON as a row; None for what is neither."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return dict(parse_qsl(body.decode(errors="replace"))) or None


def _by_key(subject: Subject) -> Q:
    """Senders without a number of their own are known again by a hash of the address
    (`mailchimp.said.event_id`), which anybody could try addresses on."""
    addresses = Identifier.objects.filter(pk__in=subject.identifiers, kind_id="email")
    matching = Q(pk__in=[])
    for address in addresses.values_list("value", flat=True):
        matching |= Q(key__endswith=":" + hashlib.sha256(address.encode()).hexdigest()[:16])
    return matching


def forget_aftermaths(subject: Subject) -> int:
    """Runs that were undone list whom a destination had been told about, as numbers."""
    ids, changed = set(subject.identifiers), 0
    for run in Run.objects.exclude(aftermath={}).only("pk", "aftermath"):
        written = run.aftermath.get("written", {})
        left = {slug: [each for each in told if each not in ids] for slug, told in written.items()}
        if left != written:
            Run.objects.filter(pk=run.pk).update(aftermath=run.aftermath | {"written": left})
            changed += 1
    return changed


def empty(delivery: WebhookDelivery) -> None:
    """Its body is not kept: it names somebody who was erased."""
    WebhookDelivery.objects.filter(pk=delivery.pk).update(body=b"", emptied_at=Now())
