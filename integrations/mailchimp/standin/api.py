"""The routes of the Marketing API that Foyer uses, each a small function of (call) -> answer."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from . import batches, problems, webhooks
from .account import Account
from .audience import Audience, Member, subscriber_hash
from .faults import Faults

Answer = tuple[int, Any]
MAX_COUNT = 1000


@dataclass
class Call:
    account: Account
    faults: Faults
    postman: webhooks.Postman
    path: tuple[str, ...]
    query: dict[str, str]
    body: dict[str, Any]

    @property
    def audience(self) -> Audience:
        return self.account.audience(self.path[0])

    def page(self, found: list[Any]) -> list[Any]:
        count = min(int(self.query.get("count", "10")), MAX_COUNT)
        offset = int(self.query.get("offset", "0"))
        return found[offset : offset + count]

    def changed(self, kind: str, member: Member) -> None:
        """Tell the webhooks that listen to changes made through the API."""
        self.postman.send(self.audience, kind, webhooks.about(member, self.audience), "api")


Handler = Callable[[Call], Answer]
ROUTES: list[tuple[str, re.Pattern[str], Handler]] = []


def route(method: str, pattern: str) -> Callable[[Handler], Handler]:
    compiled = re.compile("/3.0" + pattern.replace("{}", "([^/]+)"))

    def add(handler: Handler) -> Handler:
        ROUTES.append((method, compiled, handler))
        return handler

    return add


def find(method: str, path: str) -> tuple[Handler, tuple[str, ...]]:
    allowed = []
    for known, pattern, handler in ROUTES:
        if match := pattern.fullmatch(path.rstrip("/")):
            if known == method:
                return handler, match.groups()
            allowed.append(known)
    raise problems.not_allowed(*allowed) if allowed else problems.not_found()


@route("GET", "")
def root(call: Call) -> Answer:
    return 200, call.account.root()


@route("GET", "/ping")
def ping(call: Call) -> Answer:
    return 200, {"health_status": "Everything's Chimpy!"}


def _shown_list(audience: Audience) -> dict[str, Any]:
    counts = audience.counts()
    stats = {
        "member_count": counts["subscribed"],
        "unsubscribe_count": counts["unsubscribed"],
        "cleaned_count": counts["cleaned"],
        "campaign_last_sent": audience.campaign_last_sent,
    }
    return {"id": audience.id, "name": audience.name, "stats": stats, "double_optin": False}


@route("GET", "/lists")
def lists(call: Call) -> Answer:
    found = [_shown_list(a) for a in call.account.audiences.values()]
    return 200, {"lists": call.page(found), "total_items": len(found)}


@route("GET", "/lists/{}")
def one_list(call: Call) -> Answer:
    return 200, _shown_list(call.audience)


@route("POST", "/lists/{}")
def batch(call: Call) -> Answer:
    answer = batches.upsert_many(call.audience, call.body, call.faults)
    for member in answer["new_members"] + answer["updated_members"]:
        if known := call.audience.members.get(member["id"]):
            call.changed("profile", known)
    return 200, answer


@route("GET", "/lists/{}/members")
def members(call: Call) -> Answer:
    found = call.audience.listed(
        status=call.query.get("status", ""), since=call.query.get("since_last_changed", "")
    )
    if field := call.query.get("sort_field"):
        descending = call.query.get("sort_dir") == "DESC"
        found.sort(key=lambda m: (getattr(m, field), m.id), reverse=descending)
    shown = [call.audience.shown(m) for m in call.page(found)]
    return 200, {"members": shown, "list_id": call.audience.id, "total_items": len(found)}


@route("GET", "/lists/{}/members/{}")
def member(call: Call) -> Answer:
    return 200, call.audience.shown(call.audience.find(call.path[1]))


@route("POST", "/lists/{}/members")
def add(call: Call) -> Answer:
    email = call.audience.checked_address(call.body)
    if subscriber_hash(email) in call.audience.members:
        raise problems.exists(email)
    return put(call)


@route("PUT", "/lists/{}/members/{}")
def put(call: Call) -> Answer:
    if call.faults.take("forget"):
        return 200, call.body
    found, is_new = call.audience.upsert(call.body)
    call.changed("subscribe" if is_new else "profile", found)
    return 200, call.audience.shown(found)


@route("PATCH", "/lists/{}/members/{}")
def patch(call: Call) -> Answer:
    known = call.audience.find(call.path[1])
    return put(replace(call, body={"email_address": known.email_address} | call.body))


@route("DELETE", "/lists/{}/members/{}")
def archive(call: Call) -> Answer:
    call.audience.archive(call.path[1])
    return 204, None


@route("POST", "/lists/{}/members/{}/actions/delete-permanent")
def erase(call: Call) -> Answer:
    call.audience.erase(call.path[1])
    return 204, None


@route("GET", "/lists/{}/members/{}/tags")
def member_tags(call: Call) -> Answer:
    found = call.audience.shown(call.audience.find(call.path[1]))["tags"]
    return 200, {"tags": call.page(found), "total_items": len(found)}


@route("POST", "/lists/{}/members/{}/tags")
def change_tags(call: Call) -> Answer:
    found = call.audience.find(call.path[1])
    for tag in call.body.get("tags", []):
        number = call.audience.tag(tag["name"])
        (found.tags.add if tag["status"] == "active" else found.tags.discard)(number)
    return 204, None


@route("GET", "/lists/{}/tag-search")
def tag_search(call: Call) -> Answer:
    start = call.query.get("name", "").lower()
    tags = [
        {"id": number, "name": name}
        for number, name in call.audience.tags.items()
        if name.lower().startswith(start)
    ]
    return 200, {"tags": tags, "total_items": len(tags)}


@route("GET", "/lists/{}/merge-fields")
def merge_fields(call: Call) -> Answer:
    found = [f for f in call.audience.fields if f["tag"] != "EMAIL"]
    return 200, {"merge_fields": call.page(found), "total_items": len(found)}


@route("POST", "/lists/{}/merge-fields")
def add_merge_field(call: Call) -> Answer:
    fields, given = call.audience.fields, call.body
    tag = str(given.get("tag") or f"MMERGE{len(fields)}").upper()
    if len(tag) > 10 or any(f["tag"] == tag for f in fields):
        raise problems.invalid(
            "The resource submitted could not be validated.", ("tag", f'"{tag}" is taken.')
        )
    created = {"merge_id": len(fields), "required": False} | given | {"tag": tag}
    fields.append(created)
    return 200, created


@route("GET", "/lists/{}/segments")
def segments(call: Call) -> Answer:
    found = [_segment(call.audience, number) for number in call.audience.tags]
    return 200, {"segments": call.page(found), "total_items": len(found)}


def _segment(audience: Audience, number: int) -> dict[str, Any]:
    size = audience.size_of(number)
    return {"id": number, "name": audience.tags[number], "type": "static", "member_count": size}


@route("POST", "/lists/{}/segments")
def add_segment(call: Call) -> Answer:
    number = call.audience.tag(str(call.body["name"]))
    call.audience.change_segment(number, call.body.get("static_segment") or [], [])
    return 200, _segment(call.audience, number)


@route("GET", "/lists/{}/segments/{}")
def segment(call: Call) -> Answer:
    number = int(call.path[1])
    if number not in call.audience.tags:
        raise problems.not_found()
    return 200, _segment(call.audience, number)


@route("POST", "/lists/{}/segments/{}")
def change_segment(call: Call) -> Answer:
    add, remove = call.body.get("members_to_add") or [], call.body.get("members_to_remove") or []
    return 200, call.audience.change_segment(int(call.path[1]), add, remove)


@route("DELETE", "/lists/{}/segments/{}")
def drop_segment(call: Call) -> Answer:
    if int(call.path[1]) not in call.audience.tags:
        raise problems.not_found()
    call.audience.drop_tag(int(call.path[1]))
    return 204, None


@route("GET", "/lists/{}/webhooks")
def list_webhooks(call: Call) -> Answer:
    hooks = [webhooks.shown(h, call.audience) for h in call.audience.webhooks.values()]
    return 200, {"webhooks": hooks, "total_items": len(hooks)}


@route("POST", "/lists/{}/webhooks")
def add_webhook(call: Call) -> Answer:
    return 200, webhooks.created(call.audience, call.body, uuid.uuid4().hex[:10])


@route("PATCH", "/lists/{}/webhooks/{}")
def change_webhook(call: Call) -> Answer:
    hook = call.audience.webhooks.get(call.path[1])
    if hook is None:
        raise problems.not_found()
    hook |= {k: v for k, v in call.body.items() if k in ("url", "events", "sources")}
    return 200, webhooks.shown(hook, call.audience)


@route("DELETE", "/lists/{}/webhooks/{}")
def drop_webhook(call: Call) -> Answer:
    if call.audience.webhooks.pop(call.path[1], None) is None:
        raise problems.not_found()
    return 204, None
