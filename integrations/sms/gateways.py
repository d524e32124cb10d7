"""What each gateway's call looks like: whose number, which words, its own id, when, and how it signs.

Pure, but for the settings' secrets. LINK Mobility: Common API 1.18; Twilio and Vonage: their public
documentation of inbound messages, delivery receipts and signatures.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl

from django.utils.crypto import constant_time_compare
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from integrations.errors import Rejected

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One call. `stopped`: the gateway itself took the words for a stop, in whatever language.

    `receipt`: what became of a message that was sent; anything else that is no message is "other".
    `number` as it came, `at` aware or None.
    """

    kind: Literal["message", "blocked", "receipt", "other"]
    id: str
    number: str = ""
    text: str = ""
    at: dt.datetime | None = None
    stopped: bool = False


def fields(body: bytes, content_type: str) -> Fields:
    """A JSON object or a form, by what it says it is. `Rejected` when it is neither."""
    try:
        if "json" in content_type:
            found = json.loads(body)
        else:
            found = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200))
    except (ValueError, RecursionError) as error:
        raise Rejected(_("Neither a form nor a JSON object.")) from error
    if not isinstance(found, dict) or not found:
        raise Rejected(_("Neither a form nor a JSON object."))
    return found


def at_path(told: Fields, path: str) -> str:
    """The text at `content.userData`, or '' where there is none."""
    found: Any = told
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return str(found) if isinstance(found, str | int) else ""


def moment(text: str) -> dt.datetime | None:
    """ISO 8601 or `YYYY-MM-DD HH:MM:SS`, UTC where no zone is told; seconds or milliseconds since 1970."""
    if text.isdecimal():
        seconds = int(text) / (1000 if len(text) > 11 else 1)
        return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds < 4e9 else None
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found.replace(tzinfo=dt.UTC) if found and found.tzinfo is None else found


# --- LINK Mobility -----------------------------------------------------------------------------------


def link(told: Fields, _paths: Fields) -> Told:
    """A message, or a delivery report (one for each part of a message: its id ends in $0, $1 …)."""
    if "resultCode" in told:
        return Told("receipt", f"report {at_path(told, 'id')} {at_path(told, 'resultCode')}")
    return Told(
        "message",
        at_path(told, "messageId"),
        at_path(told, "source"),
        at_path(told, "content.userData"),
        moment(at_path(told, "timestamp")),
    )


# --- Twilio ------------------------------------------------------------------------------------------

TWILIO_OPTED_OUT = "21610"


def twilio(told: Fields, _paths: Fields) -> Told:
    """A message has a body; a status callback has `MessageStatus`, and 21610 where the person opted out."""
    sid = at_path(told, "MessageSid") or at_path(told, "SmsSid")
    status = at_path(told, "MessageStatus")
    if status and status not in ("received", "receiving"):
        code = at_path(told, "ErrorCode")
        kind: Literal["blocked", "receipt"] = "blocked" if code == TWILIO_OPTED_OUT else "receipt"
        return Told(kind, f"{sid} {status}" if sid else "", at_path(told, "To"))
    return Told(
        "message",
        sid,
        at_path(told, "From"),
        at_path(told, "Body"),
        stopped=at_path(told, "OptOutType") == "STOP",
    )


def twilio_signs(url: str, told: Fields, secret: str) -> str:
    """Base64 of HMAC-SHA-1 over the address and all fields in order of their names."""
    text = url + "".join(f"{key}{told[key]}" for key in sorted(told))
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha1")).decode()


# --- Vonage ------------------------------------------------------------------------------------------

VONAGE_BLOCKED = "9"
VONAGE_METHODS = ("sha256", "sha512", "sha1", "md5", "md5hash")


def vonage(told: Fields, _paths: Fields) -> Told:
    """Numbers come without "+". A part of a long message is not the whole message, so no stop."""
    number = at_path(told, "msisdn")
    number = f"+{number}" if number.isdecimal() else number
    at = moment(at_path(told, "message-timestamp"))
    sid = at_path(told, "messageId") or at_path(told, "message-id")
    if "status" in told:
        blocked = at_path(told, "err-code") == VONAGE_BLOCKED
        return Told(
            "blocked" if blocked else "receipt", f"{sid} {told['status']}" if sid else "", number, "", at
        )
    if at_path(told, "concat").lower() == "true":
        return Told("other", f"{sid} {at_path(told, 'concat-part')}" if sid else "")
    return Told("message", sid, number, at_path(told, "text"), at)


def vonage_signs(told: Fields, secret: str, method: str) -> str:
    """Over "&name=value" of all fields but the signature, in order, with & and = in values made "_"."""
    text = "".join(
        f"&{key}={str(told[key]).replace('&', '_').replace('=', '_')}" for key in sorted(told) if key != "sig"
    )
    if method == "md5hash":
        return hashlib.md5(f"{text}{secret}".encode(), usedforsecurity=False).hexdigest()
    return hmac.new(secret.encode(), text.encode(), method).hexdigest()


# --- any other ---------------------------------------------------------------------------------------


def other(told: Fields, paths: Fields) -> Told:
    """By the names that the settings give; a dot goes into an object."""
    return Told(
        "message",
        at_path(told, paths["id"]),
        at_path(told, paths["number"]),
        at_path(told, paths["text"]),
        moment(at_path(told, paths["time"])) if paths["time"] else None,
    )


READERS: Mapping[str, Callable[[Fields, Fields], Told]] = {
    "link": link,
    "twilio": twilio,
    "vonage": vonage,
    "other": other,
}


def same(one: str, two: str) -> bool:
    return constant_time_compare(one.lower(), two.lower())
