"""What a message really is, read from what it says (CONSENT.md 1.2, C171, C172).

A template is classed when it is approved. If it has since gained something to buy it is
service no longer, whatever it was approved as. Words and links are looked for, no more: a page may
sell in other words, so a person still approves.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from consent.facts import Message, MessageClass

# Where things are sold, as part of a host's name or of a path.
SELLING = re.compile(
    r"(?:^|[./_-])(?:shop|store|webshop|nettbutikk|butikk|billett(?:er|butikk)?|bilett(?:er)?|biljett(?:er)?"
    r"|tickets?|kaarten|kaartverkoop|karten|basket|cart|checkout|kasse|handlekurv|buy|kjop|koeb|kop)(?:$|[./?&_=-])",
    re.IGNORECASE,
)
LINK = re.compile(r"""https?://[^\s"'<>)\]]+""", re.IGNORECASE)
OWN_TICKET = re.compile(
    r"/(?:order|ticket|billett|billet|biljett)s?/[A-Z0-9]{5,}(?:/|$|\?)|\.pdf(?:$|\?)", re.IGNORECASE
)
"""A link to the order or ticket that the message is about."""

NOTICE = "{{ source_notice }}"
"""Where a template puts the notice of Art. 14: whom the data came from, and everybody's rights."""


class BackToReview(ValueError):
    """A service template that sells something. `links` are those found; somebody classes it anew."""

    def __init__(self, links: Collection[str]) -> None:
        super().__init__("The template links to something to buy: it is no service message.")
        self.links = tuple(links)


def selling_links(content: str, *, shop_hosts: Collection[str] = ()) -> list[str]:
    """Links to something to buy, in their order. `shop_hosts` are hosts that only sell."""
    return [link for link in LINK.findall(content) if _sells(link, shop_hosts)]


def _sells(link: str, shop_hosts: Collection[str]) -> bool:
    place = link.split("//", 1)[1]
    host = re.split(r"[/?#:]", place, maxsplit=1)[0].lower()
    if any(host == shop or host.endswith(f".{shop}") for shop in shop_hosts):
        return True
    return bool(SELLING.search(place)) and not OWN_TICKET.search(place)


def classify(kind: MessageClass, content: str, *, shop_hosts: Collection[str] = ()) -> MessageClass:
    """A service message that sells is a mixed one; every other class stays what it is."""
    if kind is MessageClass.SERVICE and selling_links(content, shop_hosts=shop_hosts):
        return MessageClass.MIXED
    return kind


def checked(message: Message, content: str, *, shop_hosts: Collection[str] = ()) -> Message:
    """The message with what its content tells of it. Raises `BackToReview` for service that sells."""
    if classify(message.kind, content, shop_hosts=shop_hosts) is not message.kind:
        raise BackToReview(selling_links(content, shop_hosts=shop_hosts))
    return replace(message, has_notice=NOTICE in content)
