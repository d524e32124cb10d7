"""Mailchimp's Marketing API v3, the dozen endpoints Foyer uses.

Every call takes one of the account's connection slots, is tried again with backoff and jitter on
429, 5xx and the 403 without a body, and ends as an answer or as one of the three connector errors.
Between two tries no slot is held.
"""

from __future__ import annotations

import hashlib
import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.translation import gettext as _

from integrations.addresses import deadline
from integrations.errors import ConfigurationError, Rejected, TryLater
from integrations.http import Answer, Http, Limits
from integrations.mailchimp.slots import Slots

BATCH = 500
PAGE = 1000
KEY = re.compile(r"[^\s-]+-(?P<dc>[a-z]+\d+)")
ADDRESS = re.compile(r"[^\s\"'<>]+@[^\s\"'<>]+")
MEMBER_FIELDS = (
    "id,email_address,contact_id,status,merge_fields,language,timestamp_signup,timestamp_opt,"
    "last_changed,tags,unsubscribe_reason"
)
Json = dict[str, Any]


class Refused(Rejected):
    """A refusal with Mailchimp's own title, which says what kind it is."""

    def __init__(self, message: str, *, status: int, title: str) -> None:
        super().__init__(message)
        self.status = status
        self.title = title

    @property
    def compliance(self) -> bool:
        """The person unsubscribed or bounced: only the person can come back."""
        return self.title == "Member In Compliance State"

    @property
    def forgotten(self) -> bool:
        return self.title == "Forgotten Email Not Subscribed"


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a call is tried, the first pause, and how long all pauses may last. Seconds."""

    tries: int = 7
    pause: float = 0.5
    most: float = 45.0


PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class Upserted:
    """What became of a batch, by lower-cased address."""

    members: dict[str, Json]
    new: frozenset[str]
    errors: dict[str, str]


@dataclass(frozen=True, slots=True)
class MemberPage:
    members: list[Json]
    total: int


@dataclass
class Mailchimp:
    """A client for one account. Use it in a `with`; not for several threads."""

    key: str
    base: str = ""
    patience: Patience = field(default_factory=lambda: PATIENCE)
    slots: Slots = field(init=False)
    http: Http = field(init=False)

    def __post_init__(self) -> None:
        match = KEY.fullmatch(self.key.strip())
        if match is None:
            raise ConfigurationError(_("A Mailchimp key ends with a dash and the datacentre, such as -us21."))
        self.base = (self.base or f"https://{match['dc']}.api.mailchimp.com").rstrip("/")
        self.slots = Slots(hashlib.sha256(f"{self.base}/{self.key}".encode()).hexdigest())
        self.http = Http(
            f"{self.base}/3.0",
            auth=("foyer", self.key.strip()),
            limits=Limits(tries=1, read=125.0, whole=125.0),  # Mailchimp itself gives up after 120 s
            busy=_busy,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self.http.close()
        self.slots.close()

    # The account and its audiences

    def ping(self) -> None:
        self._call("GET", "ping", what="ping")

    def audiences(self) -> list[Json]:
        answer = self._call("GET", "lists", params={"count": PAGE, "fields": "lists.id,lists.name"})
        found: list[Json] = answer["lists"]
        return found

    def audience(self, audience: str) -> Json:
        return self._call("GET", f"lists/{audience}", what="audience")

    def merge_fields(self, audience: str) -> list[Json]:
        found: list[Json] = self._call("GET", f"lists/{audience}/merge-fields", params={"count": PAGE})[
            "merge_fields"
        ]
        return found

    def add_merge_field(self, audience: str, given: Json) -> None:
        self._call("POST", f"lists/{audience}/merge-fields", json=given, what="merge field")

    # Members

    def members(self, audience: str, *, status: str, since: str, offset: int) -> MemberPage:
        """One page, oldest change first. `since` is inclusive; archived members only by status."""
        params: Json = {"count": PAGE, "offset": offset, "sort_field": "last_changed", "sort_dir": "ASC"}
        params["fields"] = "total_items," + ",".join(f"members.{f}" for f in MEMBER_FIELDS.split(","))
        params |= {"status": status} if status else {}
        params |= {"since_last_changed": since} if since else {}
        answer = self._call("GET", f"lists/{audience}/members", params=params, what="members")
        return MemberPage(answer["members"], answer["total_items"])

    def member(self, audience: str, address: str) -> Json | None:
        path = f"lists/{audience}/members/{member_id(address)}"
        try:
            return self._call("GET", path, params={"fields": MEMBER_FIELDS}, what="member")
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def upsert(self, audience: str, members: Sequence[Json]) -> Upserted:
        """Add or change up to 500 members. The answer names each one that failed; it is 200 all the same.

        `update_existing` changes an existing member only where `status` is given: members that carry
        `status_if_new` alone keep theirs. `sync_tags` stays off: on, it would destroy hand-made tags.
        """
        body = {"members": list(members), "update_existing": True, "sync_tags": False}
        answer = self._call(
            "POST", f"lists/{audience}", params={"skip_merge_validation": "true"}, json=body, what="batch"
        )
        done = [*answer.get("new_members", ()), *answer.get("updated_members", ())]
        return Upserted(
            members={str(m["email_address"]).lower(): m for m in done},
            new=frozenset(str(m["email_address"]).lower() for m in answer.get("new_members", ())),
            errors={str(e["email_address"]).lower(): str(e["error"]) for e in answer.get("errors", ())},
        )

    def put_member(self, audience: str, address: str, given: Json) -> Json:
        path = f"lists/{audience}/members/{member_id(address)}"
        return self._call("PUT", path, json={"email_address": address} | given, what="member")

    def archive(self, audience: str, address: str) -> bool:
        """True when archived now, False when there is nothing to archive (405, or a stranger)."""
        try:
            self._call("DELETE", f"lists/{audience}/members/{member_id(address)}", what="archive")
        except Refused as refused:
            if refused.status in (404, 405):
                return False
            raise
        return True

    def delete_permanent(self, audience: str, address: str) -> bool:
        """Mailchimp forgets the contact for good and takes the address in no more: nobody can import it
        again, only the person can come back, by a form of Mailchimp's own.

        True when deleted now; False when the audience has no such contact (any more).
        """
        path = f"lists/{audience}/members/{member_id(address)}/actions/delete-permanent"
        try:
            self._call("POST", path, what="delete for good")
        except Refused as refused:
            if refused.status == 404:
                return False
            raise
        return True

    # Tags, which are static segments

    def tag_id(self, audience: str, name: str) -> int | None:
        """The static segment behind a tag. The search is by the beginning of the name."""
        answer = self._call("GET", f"lists/{audience}/tag-search", params={"name": name}, what="tag")
        ids = (int(tag["id"]) for tag in answer["tags"] if str(tag["name"]).lower() == name.lower())
        return next(ids, None)

    def untag(self, audience: str, tag: int, addresses: Sequence[str]) -> set[str]:
        """Remove a tag from up to 500 members; returns those it was taken from.

        Addresses that are not in the audience are ignored silently, so compare with what was asked.
        """
        body = {"members_to_remove": list(addresses)}
        answer = self._call("POST", f"lists/{audience}/segments/{tag}", json=body, what="untag")
        return {str(m["email_address"]).lower() for m in answer["members_removed"]}

    def tag_size(self, audience: str, tag: int) -> int:
        return int(self._call("GET", f"lists/{audience}/segments/{tag}", what="tag")["member_count"])

    def drop_tag(self, audience: str, tag: int) -> None:
        self._call("DELETE", f"lists/{audience}/segments/{tag}", what="tag")

    # Webhooks

    def webhooks(self, audience: str) -> list[Json]:
        found: list[Json] = self._call("GET", f"lists/{audience}/webhooks", what="webhooks")["webhooks"]
        return found

    def add_webhook(self, audience: str, given: Json) -> Json:
        return self._call("POST", f"lists/{audience}/webhooks", json=given, what="webhook")

    def drop_webhook(self, audience: str, webhook: str) -> None:
        self._call("DELETE", f"lists/{audience}/webhooks/{webhook}", what="webhook")

    # The wire

    def _call(self, method: str, path: str, **more: Any) -> Json:
        """One call, tried again while Mailchimp is busy; the last TryLater goes to the run."""
        for pause in self._pauses():
            try:
                return self._once(method, path, **more)
            except TryLater:
                if deadline.over(pause):
                    raise
                time.sleep(pause)
        return self._once(method, path, **more)

    def _once(self, method: str, path: str, **more: Any) -> Json:
        with self.slots.one():
            answer = self.http.call(method, path, accept=(400, 404, 405), **more)
            if not answer.ok:
                raise _refused(answer)
            data: Json = answer.data if answer.body else {}
            return data

    def _pauses(self) -> Iterator[float]:
        """Doubling pauses with full jitter, until tries or patience run out."""
        waited = 0.0
        for attempt in range(self.patience.tries - 1):
            pause = self.patience.pause * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311
            waited += pause
            if waited > self.patience.most:
                return
            yield pause


def member_id(address: str) -> str:
    """Mailchimp's id of a member: md5 of the lower-cased address."""
    return hashlib.md5(address.lower().encode(), usedforsecurity=False).hexdigest()


def _busy(answer: Answer) -> bool:
    """At very high volumes Mailchimp says "not now" with a 403 that has no body."""
    return answer.status == 403 and not answer.body.strip()


def _refused(answer: Answer) -> Refused:
    """The title and detail of a problem+json body, which may be missing or something else."""
    try:
        problem = answer.data
    except TryLater:
        problem = None
    told = problem if isinstance(problem, dict) else {}
    errors = [f"{e.get('field')}: {e.get('message')}" for e in told.get("errors") or ()]
    title = str(told.get("title") or "")
    message = " ".join([str(told.get("detail") or title), *errors]).strip()
    # Mailchimp quotes the address; reasons of runs go into mails and must not hold one.
    message = ADDRESS.sub(_("the address"), message)
    return Refused(message or str(answer.status), status=answer.status, title=title)
