"""One-click unsubscribing, as RFC 8058 wants it, and the headers that announce it.

A mail program posts to the address in `List-Unsubscribe` without a person looking on. So the post is
answered 200 without cookie, redirect or question, whatever its body, and does one thing: it takes back
the purpose of that mail, for the channel it came by. That also switches off the customer exception
there (CONSENT.md R15). Scanners open every link of a mail, so asking for the page changes nothing.
"""

from __future__ import annotations

from typing import cast
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.urls import reverse

from consent import gather, house
from consent.facts import ANY
from consent.names import ASKABLE
from consent.preferences import saying, tokens
from consent.preferences.tokens import Read
from organisations.models import Organisation
from organisations.public import public_url
from profiles.models import Identifier


def contact_point(read: Read) -> Identifier | None:
    """None once the person was erased: the link is still good, and there is nothing to take back."""
    return Identifier.objects.filter(pk=read.identifier_id, kind__in=list(gather.CHANNELS)).first()


def unsubscribe(read: Read, *, via: str = saying.ONE_CLICK) -> bool:
    """Takes back what the mail was sent for; answers whether that was new. A mail without a purpose
    of marketing ends all marketing by its channel."""
    identifier = contact_point(read)
    no = what(read, identifier)
    if identifier is None or no is None:
        return False
    return saying.say_no(identifier, no, via=via, message=read.message)


def what(read: Read, identifier: Identifier | None) -> saying.No | None:
    """Which no one click says."""
    if identifier is None:
        return None
    purpose = read.purpose if read.purpose in ASKABLE else ANY
    return saying.No(purpose, gather.CHANNELS[identifier.kind_id])


def link(token: str) -> str:
    """The whole address of somebody's preference page."""
    organisation = cast(Organisation, connection.tenant)  # type: ignore[attr-defined]
    return public_url(organisation, reverse("preferences:page", args=[organisation.slug, token]))


def headers(identifier_id: int, purpose: str, message: str) -> dict[str, str]:
    """For every marketing mail; DKIM must cover both (RFC 8058 § 3.1, 4).

    The mail address is the house's privacy contact, where it has one: staff enter what comes there
    (`mail_entry`). One-click is announced for https only, as § 3.1 demands.
    """
    token = tokens.make(identifier_id, purpose, message)
    address = link(token)
    ways = [f"<{address}>"]
    if contact := house.settings().contact_email:
        ways.append(f"<mailto:{contact}?subject={quote(f'unsubscribe {token}')}>")
    found = {"List-Unsubscribe": ", ".join(ways)}
    if settings.FOYER_BASE_URL.startswith("https://"):
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return found


def mail_entry(pasted: str) -> Read | None:
    """The token in the subject of a mail that came to the house, or in a link pasted whole."""
    for word in pasted.replace("/", " ").split():
        if found := tokens.read(word.strip("<>,.;:\"'")):
            return found
    return None
