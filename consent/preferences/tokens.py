"""The token in every link for one address: what it is about, sealed, in the shortest form (CONSENT.md 2.12).

It names the contact point, the purpose of the mail that carried it and the mail, and says
whether it came to that address. It reads as noise, cannot be altered, is good in one organisation only,
and never expires: a no must find its way from the oldest mail. The same facts make the same token.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from cdp.lib.crypto import Unreadable, seal_lasting, unseal_lasting
from cdp.lib.tenancy import current_schema

USE = "preference link 1"
LONGEST = 400
MAILED = 0x80
SPELLED = 0x7F

CODES = (
    "",
    "service.event_info",
    "marketing.newsletter",
    "marketing.own_similar",
    "marketing.partner",
    "survey",
    "profiling",
    "tracking.email_open",
    "ads.audience_match",
)
"""A purpose by its place here takes no room. Only ever added to: old mails count on it."""


@dataclass(frozen=True, slots=True)
class Read:
    """`purpose` and `message` are of the mail that carried the link, empty where it was no campaign.

    `mailed`: the link was sent to the address itself, so whoever has it reads that mailbox. False
    for one that staff opened or copied: it takes a no, and gives nothing.
    """

    identifier_id: int
    purpose: str = ""
    message: str = ""
    mailed: bool = True


def make(identifier_id: int, purpose: str = "", message: str = "", *, mailed: bool = True) -> str:
    """The token for a contact point of the current organisation. `message` at most 160 characters."""
    sealed = seal_lasting(current_schema(), USE, _packed(Read(identifier_id, purpose, message[:160], mailed)))
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()


def read(token: str) -> Read | None:
    """What a token says; None for anything that `make` did not make for this organisation."""
    if not 22 < len(token) < LONGEST * 2 or not token.isascii():
        return None
    try:
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        found = _unpacked(unseal_lasting(current_schema(), USE, sealed))
    except (binascii.Error, Unreadable):
        return None
    # One spelling only: base64 would take a few others for the same bytes.
    return found if urlsafe_b64encode(sealed).rstrip(b"=").decode() == token else None


def _packed(facts: Read) -> bytes:
    code = CODES.index(facts.purpose) if facts.purpose in CODES else SPELLED
    head = bytes([code | (MAILED if facts.mailed else 0)]) + _number(facts.identifier_id)
    if code == SPELLED:
        purpose = facts.purpose.encode()
        head += bytes([len(purpose)]) + purpose
    return head + facts.message.encode()


def _unpacked(clear: bytes) -> Read:
    mailed, code = bool(clear[0] & MAILED), clear[0] & ~MAILED
    identifier_id, rest = _take_number(clear[1:])
    if code == SPELLED:
        size = rest[0]
        purpose, rest = rest[1 : 1 + size].decode(), rest[1 + size :]
    else:
        purpose = CODES[code]
    return Read(identifier_id, purpose, rest.decode(), mailed)


def _number(value: int) -> bytes:
    """Seven bits a byte, the lowest first; the top bit says that more follow."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(found) + bytes([value])


def _take_number(packed: bytes) -> tuple[int, bytes]:
    value = 0
    for place, byte in enumerate(packed):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, packed[place + 1 :]
    raise Unreadable
