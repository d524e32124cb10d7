"""Mailchimp's refusals, word for word where a recording exists."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

GLOSSARY = "https://mailchimp.com/developer/marketing/docs/errors/"
FAKE_DOMAINS = ("example.com", "example.net", "test.com")


@dataclass
class Problem(Exception):
    """An answer of type application/problem+json; `without_body` sends the status alone."""

    status: int
    title: str
    detail: str
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    with_type: bool = True
    without_body: bool = False

    def body(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"type": GLOSSARY} if self.with_type else {}
        answer |= {
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": str(uuid.uuid4()),
        }
        return answer | ({"errors": self.errors} if self.errors else {})


def not_found() -> Problem:
    return Problem(404, "Resource Not Found", "The requested resource could not be found.")


def wrong_key() -> Problem:
    return Problem(
        401,
        "API Key Invalid",
        "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
    )


def too_many() -> Problem:
    detail = "You have exceeded the limit of 10 simultaneous connections."
    return Problem(429, "Too Many Requests", detail)


def silent(status: int) -> Problem:
    """At very high volumes a 429 or 403 comes without a body and without Retry-After."""
    return Problem(status, "", "", without_body=True)


def broken() -> Problem:
    detail = "An unexpected internal error has occurred. Please contact Support for more information."
    return Problem(500, "Internal Server Error", detail)


def invalid(detail: str, *errors: tuple[str, str]) -> Problem:
    listed = [{"field": name, "message": message} for name, message in errors]
    return Problem(400, "Invalid Resource", detail, errors=listed)


def fake(email: str) -> Problem:
    return invalid(f"{email} looks fake or invalid, please enter a real email address.")


def exists(email: str) -> Problem:
    """The one refusal that was recorded without a `type`."""
    detail = f"{email} is already a list member. Use PUT to insert or update list members."
    return Problem(400, "Member Exists", detail, with_type=False)


def compliance(email: str) -> Problem:
    detail = (
        f"{email} is in a compliance state due to unsubscribe, bounce, or compliance review "
        "and cannot be subscribed."
    )
    return Problem(400, "Member In Compliance State", detail)


def forgotten(email: str) -> Problem:
    detail = (
        f"{email} was permanently deleted and cannot be re-imported. "
        "The contact must re-subscribe to get back on the list."
    )
    return Problem(400, "Forgotten Email Not Subscribed", detail)


def cannot_archive() -> Problem:
    detail = "Can not archive a contact that is bounced, pending or archived"
    return Problem(405, "Method Not Allowed", detail, headers={"Allow": "GET, PUT"})


def not_allowed(*methods: str) -> Problem:
    detail = "The requested method and resource are not compatible. See the Allow header."
    return Problem(405, "Method Not Allowed", detail, headers={"Allow": ", ".join(methods)})
