"""The stand-in's webhooks: form-encoded POSTs with PHP-style keys, sent when an audience changes."""

from __future__ import annotations

import hashlib
import hmac
import logging
import queue
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from typing import Any

from . import problems
from .audience import Audience, Member

logger = logging.getLogger(__name__)
PATIENCE = 10  # seconds within which a receiver must answer


def fired_at() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")


def about(member: Member, audience: Audience) -> dict[str, str]:
    """The `data[...]` fields that subscribe, profile and unsubscribe share."""
    merges = {f"data[merges][{tag}]": str(value) for tag, value in member.merge_fields.items()}
    return {
        "data[id]": member.id[:10],
        "data[list_id]": audience.id,
        "data[email]": member.email_address,
        "data[email_type]": "html",
        "data[ip_opt]": member.ip_opt,
        "data[ip_signup]": member.ip_signup,
        "data[merges][EMAIL]": member.email_address,
    } | merges


def knock(url: str) -> None:
    """On save Mailchimp sends a GET that must be answered with 200."""
    message = "We couldn't verify the URL: please make sure that it answers a GET request."
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310
            if answer.status == 200:
                return
    except (OSError, ValueError):
        pass
    raise problems.invalid("The resource submitted could not be validated.", ("url", message))


class Postman:
    """Delivers in the background, in order; three tries, as quick as a test needs them."""

    def __init__(self) -> None:
        self._box: queue.Queue[tuple[str, str, bytes]] = queue.Queue()
        threading.Thread(target=self._work, daemon=True, name="standin-webhooks").start()

    def send(self, audience: Audience, kind: str, data: dict[str, str], source: str) -> None:
        body = urllib.parse.urlencode({"type": kind, "fired_at": fired_at()} | data).encode()
        for hook in audience.webhooks.values():
            if hook["events"].get(kind) and hook["sources"].get(source):
                self._box.put((hook["url"], hook.get("signing_secret", ""), body))

    def drain(self) -> None:
        """Wait until everything has been delivered or given up."""
        self._box.join()

    def _work(self) -> None:
        while True:
            url, secret, body = self._box.get()
            try:
                self._deliver(url, secret, body)
            finally:
                self._box.task_done()

    def _deliver(self, url: str, secret: str, body: bytes) -> None:
        for wait in (0, 0.2, 1):
            time.sleep(wait)
            request = urllib.request.Request(url, data=body, headers=_headers(secret, body))  # noqa: S310
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE):  # noqa: S310
                    return
            except OSError:
                continue
        logger.warning("A webhook could not be delivered.")


def _headers(secret: str, body: bytes) -> dict[str, str]:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "MailChimp"}
    if secret:
        stamp = str(int(time.time()))
        signed = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers["X-Mailchimp-Signature"] = f"t={stamp},v1={signed}"
    return headers


def created(audience: Audience, given: dict[str, Any], identity: str) -> dict[str, Any]:
    """Save a webhook. The signing secret is in this one answer and in no later one."""
    knock(str(given.get("url") or ""))
    hook = {
        "id": identity,
        "url": given["url"],
        "events": dict(given.get("events") or {}),
        "sources": dict(given.get("sources") or {}),
        "signing_secret": hashlib.sha256(identity.encode()).hexdigest()[:32],
    }
    audience.webhooks[identity] = hook
    return hook | {"list_id": audience.id}


def shown(hook: dict[str, Any], audience: Audience) -> dict[str, Any]:
    return {k: v for k, v in hook.items() if k != "signing_secret"} | {"list_id": audience.id}
