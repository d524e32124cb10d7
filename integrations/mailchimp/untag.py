"""Takes tags off again, by static segment: one call per tag and up to 500 addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from integrations.errors import Rejected
from integrations.mailchimp.client import Mailchimp
from integrations.mailchimp.models import ShowTag
from integrations.mailchimp.settings import AudienceSettings

LOOKS = 20
"""How many silently ignored addresses are looked at one by one; the next pull finds the others."""


def untag(
    client: Mailchimp, settings: AudienceSettings, asked: Mapping[str, list[str]]
) -> list[tuple[str, str]]:
    """Returns the (tag, address) pairs that are still worn afterwards."""
    worn: list[tuple[str, str]] = []
    for name, addresses in asked.items():
        tag = tag_id(client, settings, name)
        if tag is None:
            continue
        try:
            ignored = sorted({*addresses} - client.untag(settings.audience, tag, addresses))
        except Rejected:  # somebody deleted the tag: if it was made anew, it has another number
            ShowTag.objects.filter(connection=settings.connection_id, remote_name=name).update(remote_id=None)
            ignored = addresses
        worn.extend((name, address) for address in _still_worn(client, settings, name, ignored))
    return worn


def _still_worn(
    client: Mailchimp, settings: AudienceSettings, name: str, ignored: list[str]
) -> Iterator[str]:
    """Mailchimp ignores addresses silently; most of them simply do not wear the tag any more."""
    for address in ignored[:LOOKS]:
        member = client.member(settings.audience, address)
        if member and name in {tag["name"] for tag in member.get("tags") or ()}:
            yield address


def tag_id(client: Mailchimp, settings: AudienceSettings, name: str) -> int | None:
    """The segment behind a tag of ours, asked for once. None when there is none any more."""
    show = ShowTag.objects.filter(connection=settings.connection_id, remote_name=name).first()
    if show is not None and show.remote_id:
        return show.remote_id
    found = client.tag_id(settings.audience, name)
    if show is not None and found:
        ShowTag.objects.filter(pk=show.pk).update(remote_id=found)
    return found
