"""One audience of the stand-in: its members and tags, and what Mailchimp allows to be done to them.

Not thread-safe by itself: the server holds the account's lock around every call.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from . import problems

WRITABLE = ("subscribed", "unsubscribed", "cleaned", "pending", "transactional")
REFUSES_SUBSCRIBING = ("unsubscribed", "cleaned")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
BATCH_LIMIT = 500
DEFAULT_FIELDS = (
    {"merge_id": 0, "tag": "EMAIL", "name": "Email Address", "type": "email", "required": True},
    {"merge_id": 1, "tag": "FNAME", "name": "First Name", "type": "text", "required": False},
    {"merge_id": 2, "tag": "LNAME", "name": "Last Name", "type": "text", "required": False},
)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def subscriber_hash(email: str) -> str:
    """Mailchimp's member id: md5 of the lower-cased address."""
    return hashlib.md5(email.strip().lower().encode(), usedforsecurity=False).hexdigest()


@dataclass
class Member:
    email_address: str
    status: str
    merge_fields: dict[str, Any] = field(default_factory=dict)
    tags: set[int] = field(default_factory=set)
    language: str = ""
    vip: bool = False
    timestamp_signup: str = ""
    timestamp_opt: str = ""
    ip_signup: str = ""
    ip_opt: str = ""
    source: str = "API - Generic"
    unsubscribe_reason: str = ""
    last_changed: str = ""
    before_archive: str = ""
    contact_id: str = ""

    @property
    def id(self) -> str:
        return subscriber_hash(self.email_address)


@dataclass
class Audience:
    id: str
    name: str
    members: dict[str, Member] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    tags: dict[int, str] = field(default_factory=dict)
    fields: list[dict[str, Any]] = field(default_factory=lambda: [dict(f) for f in DEFAULT_FIELDS])
    webhooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    batches: int = 0
    campaign_last_sent: str = ""

    # Reading

    def find(self, key: str) -> Member:
        """By hash, by address or by contact id; 404 for a stranger."""
        member = self.members.get(key) or self.members.get(subscriber_hash(key))
        if member is None:
            raise problems.not_found()
        return member

    def listed(self, *, status: str = "", since: str = "") -> list[Member]:
        """Archived members show only when asked for by status, as in the real one."""
        wanted = {status} if status else {*WRITABLE}
        after = datetime.fromisoformat(since) if since else None
        return [
            m
            for m in self.members.values()
            if m.status in wanted and (after is None or datetime.fromisoformat(m.last_changed) >= after)
        ]

    def shown(self, member: Member) -> dict[str, Any]:
        tags = [{"id": tag, "name": self.tags[tag]} for tag in sorted(member.tags)]
        shown: dict[str, Any] = {
            "id": member.id,
            "email_address": member.email_address,
            "unique_email_id": member.id[:10],
            "contact_id": member.contact_id,
            "full_name": " ".join(str(member.merge_fields.get(f, "")) for f in ("FNAME", "LNAME")).strip(),
            "email_type": "html",
            "status": member.status,
            "merge_fields": self._blank_fields() | member.merge_fields,
            "interests": {},
            "ip_signup": member.ip_signup,
            "timestamp_signup": member.timestamp_signup,
            "ip_opt": member.ip_opt,
            "timestamp_opt": member.timestamp_opt,
            "member_rating": 2,
            "last_changed": member.last_changed,
            "language": member.language,
            "vip": member.vip,
            "source": member.source,
            "tags_count": len(tags),
            "tags": tags,
            "list_id": self.id,
        }
        if member.status == "unsubscribed":
            shown["unsubscribe_reason"] = member.unsubscribe_reason
        return shown

    def _blank_fields(self) -> dict[str, Any]:
        return {f["tag"]: "" for f in self.fields if f["tag"] != "EMAIL"}

    def counts(self) -> dict[str, int]:
        tally = dict.fromkeys((*WRITABLE, "archived"), 0)
        for member in self.members.values():
            tally[member.status] += 1
        return tally

    # One member

    def upsert(self, given: dict[str, Any]) -> tuple[Member, bool]:
        """PUT semantics: `status_if_new` for a stranger, `status` for anybody. Returns (member, is new)."""
        email = self.checked_address(given)
        member = self.members.get(subscriber_hash(email))
        self._check_fields(given.get("merge_fields") or {})
        if member is None:
            return self._add(email, given), True
        if given.get("status"):
            self._move(member, given["status"])
        self._write(member, given)
        return member, False

    def checked_address(self, given: dict[str, Any]) -> str:
        email = str(given.get("email_address") or "").strip()
        if not ADDRESS.fullmatch(email):
            message = "This value should be a valid email."
            raise problems.invalid("Please provide a valid email address.", ("email_address", message))
        if email.lower().rsplit("@", 1)[1] in problems.FAKE_DOMAINS:
            raise problems.fake(email)
        return email

    def _add(self, email: str, given: dict[str, Any]) -> Member:
        status = given.get("status") or given.get("status_if_new")
        if status not in WRITABLE:
            message = "Either status or status_if_new is required."
            raise problems.invalid("The resource submitted could not be validated.", ("status", message))
        if subscriber_hash(email) in self.forgotten:
            raise problems.forgotten(email)
        member = Member(email, status, timestamp_signup=now(), contact_id=subscriber_hash(email + self.id))
        if status == "subscribed":
            member.timestamp_opt = now()
        self.members[member.id] = member
        self._write(member, given)
        return member

    def _move(self, member: Member, status: str) -> None:
        if status not in WRITABLE:
            raise problems.invalid("Your request was not valid.", ("status", "Unknown status."))
        before = member.before_archive if member.status == "archived" else member.status
        if status == "subscribed" and before in REFUSES_SUBSCRIBING:
            raise problems.compliance(member.email_address)
        if status == "subscribed" and member.status != "subscribed":
            member.timestamp_opt = now()
        if status == "unsubscribed" and member.status != "unsubscribed":
            member.unsubscribe_reason = "N/A (Unsubscribed by an admin)"
        member.status = status

    def _write(self, member: Member, given: dict[str, Any]) -> None:
        member.merge_fields |= given.get("merge_fields") or {}
        for name in ("language", "vip", "timestamp_signup", "timestamp_opt", "ip_signup", "ip_opt"):
            if given.get(name):
                setattr(member, name, given[name])
        member.last_changed = now()

    def _check_fields(self, merge_fields: dict[str, Any]) -> None:
        """Numbers and dates are checked, as recorded; unknown tags are ignored, as in the real one."""
        types = {f["tag"]: f["type"] for f in self.fields}
        for tag, value in merge_fields.items():
            if types.get(tag) == "number" and value != "" and not _is_number(value):
                raise problems.invalid("Your merge fields were invalid.", (tag, "Please enter a number"))
            if types.get(tag) == "date" and value != "" and not _is_date(value):
                raise problems.invalid("Your merge fields were invalid.", (tag, "Please enter a date"))

    def archive(self, key: str) -> None:
        member = self.find(key)
        if member.status in ("archived", "cleaned", "pending"):
            raise problems.cannot_archive()
        member.before_archive, member.status, member.last_changed = member.status, "archived", now()

    def erase(self, key: str) -> None:
        member = self.find(key)
        del self.members[member.id]
        self.forgotten.add(member.id)

    def rename(self, key: str, email: str) -> Member:
        """The address changes and with it the member's id; the contact id stays."""
        member = self.find(key)
        del self.members[member.id]
        member.email_address, member.last_changed = email, now()
        self.members[member.id] = member
        return member

    # Tags are static segments

    def tag(self, name: str) -> int:
        for tag, known in self.tags.items():
            if known.lower() == name.lower():
                return tag
        number = max(self.tags, default=100) + 1
        self.tags[number] = name
        return number

    def set_tags(self, member: Member, names: Iterable[str], *, replace: bool) -> None:
        wanted = {self.tag(name) for name in names}
        member.tags = wanted if replace else member.tags | wanted

    def drop_tag(self, tag: int) -> None:
        del self.tags[tag]
        for member in self.members.values():
            member.tags.discard(tag)

    def change_segment(self, tag: int, add: list[str], remove: list[str]) -> dict[str, Any]:
        """Addresses that are not in the audience are ignored **silently**; only the totals tell."""
        if tag not in self.tags:
            raise problems.not_found()
        if len(add) > BATCH_LIMIT or len(remove) > BATCH_LIMIT:
            raise problems.invalid("You may only add or remove 500 members at a time.")
        added = [m for m in self._known(add) if tag not in m.tags]
        removed = [m for m in self._known(remove) if tag in m.tags]
        for member in itertools.chain(added, removed):
            member.tags ^= {tag}
            member.last_changed = now()
        return {
            "members_added": [self.shown(m) for m in added],
            "members_removed": [self.shown(m) for m in removed],
            "errors": [],
            "total_added": len(added),
            "total_removed": len(removed),
            "error_count": 0,
        }

    def _known(self, emails: list[str]) -> list[Member]:
        found = (self.members.get(subscriber_hash(email)) for email in emails)
        return [m for m in found if m is not None and m.status != "archived"]

    def size_of(self, tag: int) -> int:
        return sum(tag in m.tags for m in self.members.values() if m.status != "archived")

    # The state file

    def dump(self) -> dict[str, Any]:
        members = [asdict(m) | {"tags": sorted(m.tags)} for m in self.members.values()]
        tags = {str(number): name for number, name in self.tags.items()}
        plain = {"id": self.id, "name": self.name, "fields": self.fields, "webhooks": self.webhooks}
        return plain | {"members": members, "tags": tags, "forgotten": sorted(self.forgotten)}

    @classmethod
    def load(cls, saved: dict[str, Any]) -> Audience:
        members = [Member(**(row | {"tags": set(row["tags"])})) for row in saved["members"]]
        return cls(
            id=saved["id"],
            name=saved["name"],
            members={m.id: m for m in members},
            forgotten=set(saved["forgotten"]),
            tags={int(number): name for number, name in saved["tags"].items()},
            fields=cast("list[dict[str, Any]]", saved["fields"]),
            webhooks=saved["webhooks"],
        )


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _is_date(value: Any) -> bool:
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return True
