"""What tests and the demo do to the stand-in from outside: things people do at Mailchimp, and its faults.

POST /standin/<verb> with {"key", "list", …}; verbs are the functions of VERBS. Changes made here
send webhooks like a person's own, except `set`, which quietly arranges a member.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .account import Account
from .audience import Audience, Member, now
from .webhooks import Postman, about

Verb = Callable[[Audience, dict[str, Any], Postman], Member]


def set_member(audience: Audience, given: dict[str, Any], postman: Postman) -> Member:
    """A member as if it had been there before: any status, any time, any tags."""
    audience.forgotten.discard(Member(given["email"], "").id)
    member = Member(given["email"], given["status"], contact_id=Member(given["email"], "").id[::-1])
    member.merge_fields = dict(given.get("merge_fields") or {})
    member.timestamp_opt = given.get("timestamp_opt", "")
    member.timestamp_signup = given.get("timestamp_signup", member.timestamp_opt)
    member.last_changed = given.get("last_changed") or now()
    member.source = given.get("source", "Hosted Signup Form")
    member.tags = {audience.tag(name) for name in given.get("tags") or []}
    audience.members[member.id] = member
    return member


def unsubscribe(audience: Audience, given: dict[str, Any], postman: Postman) -> Member:
    member = _touched(audience, given, "unsubscribed")
    reason = given.get("reason", "manual")
    member.unsubscribe_reason = "SPAM" if reason == "abuse" else "NORMAL"
    extra = {"data[action]": "unsub", "data[reason]": reason, "data[campaign_id]": "c0ffee"}
    postman.send(audience, "unsubscribe", about(member, audience) | extra, "user")
    return member


def subscribe(audience: Audience, given: dict[str, Any], postman: Postman) -> Member:
    """Through Mailchimp's own form, which a person who unsubscribed may use too."""
    member = audience.members.get(Member(given["email"], "").id)
    if member is None:
        member = set_member(audience, {**given, "status": "subscribed"}, postman)
    member.status, member.timestamp_opt, member.last_changed = "subscribed", now(), now()
    postman.send(audience, "subscribe", about(member, audience), "user")
    return member


def clean(audience: Audience, given: dict[str, Any], postman: Postman) -> Member:
    member = _touched(audience, given, "cleaned")
    data = {"data[list_id]": audience.id, "data[campaign_id]": "c0ffee", "data[reason]": "hard"}
    postman.send(audience, "cleaned", data | {"data[email]": member.email_address}, "admin")
    return member


def change_address(audience: Audience, given: dict[str, Any], postman: Postman) -> Member:
    member = audience.rename(given["email"], given["new_email"])
    data = {
        "data[list_id]": audience.id,
        "data[new_id]": member.id[:10],
        "data[new_email]": member.email_address,
        "data[old_email]": given["email"],
    }
    postman.send(audience, "upemail", data, "user")
    return member


def profile(audience: Audience, given: dict[str, Any], postman: Postman) -> Member:
    member = _touched(audience, given, "")
    member.merge_fields |= given.get("merge_fields") or {}
    for name in given.get("drop_tags") or []:
        member.tags.discard(audience.tag(name))
    postman.send(audience, "profile", about(member, audience), "user")
    return member


def erase(audience: Audience, given: dict[str, Any], postman: Postman) -> Member:
    """Deleted for good by somebody at Mailchimp: the address can never be imported again."""
    member = audience.find(given["email"])
    audience.erase(member.id)
    member.status = "erased"
    return member


def _touched(audience: Audience, given: dict[str, Any], status: str) -> Member:
    member = audience.find(given["email"])
    member.status, member.last_changed = status or member.status, now()
    return member


VERBS: dict[str, Verb] = {
    "set": set_member,
    "unsubscribe": unsubscribe,
    "subscribe": subscribe,
    "clean": clean,
    "change-address": change_address,
    "profile": profile,
    "erase": erase,
}


def run(account: Account, verb: str, given: dict[str, Any], postman: Postman) -> dict[str, Any]:
    with account.lock:
        audience = account.audience(given.get("list") or next(iter(account.audiences)))
        return audience.shown(VERBS[verb](audience, given, postman))
