"""The examples' Mailchimp: a stand-in on this machine, which `bin/up` starts."""

from __future__ import annotations

from integrations.http import Http, Limits
from integrations.mailchimp.client import Mailchimp

PATIENT = Limits(connect=5, tries=8)
"""It may have been started a moment ago."""


def key(slug: str) -> str:
    """Any key that begins with `demo` opens an account of its own there."""
    return f"demo{slug.replace('-', '')}-us0"


def audience(base: str, slug: str) -> str:
    """The id of the account's one audience."""
    with Mailchimp(key(slug), base) as client:
        return str(client.audiences()[0]["id"])


def put_members(base: str, slug: str, members: list[dict[str, str]]) -> None:
    """People who signed up long before Foyer; `set` arranges a member without telling anybody."""
    with Http(base, limits=PATIENT) as http:
        for member in members:
            http.post("standin/set", json={"key": key(slug), **member})
