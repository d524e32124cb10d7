"""SMS that say stop, and what a gateway tells of those who said it there (CONSENT.md 2.11).

A word counts as the whole message, in any spelling of a telephone: case, spaces and punctuation
around it do not matter; inside a sentence it does not count. START gives nothing back: no sending is
a yes (C129).
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from enum import StrEnum

from consent import ledger
from consent.facts import ANY, EventType
from profiles import erasure, normalise
from profiles.models import Identifier, Tombstone

WORDS = frozenset(
    {
        "stop",
        "stopp",
        "stop all",
        "stopall",
        "avmeld",
        "afmeld",
        "sluta",
        "avsluta",
        "afmelden",
        "abmelden",
    }
)
OPENING = frozenset({"start", "unstop"})


class Heard(StrEnum):
    """What came of one message."""

    WRITTEN = "written"
    KNOWN = "known"
    """The same message again."""
    NO_WORD = "no_word"
    OPENING = "opening"
    ERASED = "erased"
    """Somebody who was erased: no marketing reaches the number anyway, and it is not kept again."""
    NO_NUMBER = "no_number"


def is_stop(text: str) -> bool:
    return _bare(text) in WORDS


def is_opening(text: str) -> bool:
    return _bare(text) in OPENING


def _bare(text: str) -> str:
    """Lower case, one space between words, nothing but letters and digits at either end."""
    words = unicodedata.normalize("NFKC", text).casefold().split()
    return _trimmed(" ".join(words))


def _trimmed(text: str) -> str:
    while text and not text[0].isalnum():
        text = text[1:]
    while text and not text[-1].isalnum():
        text = text[:-1]
    return text


def hear(
    number: str, text: str, *, provider: str, message_id: str, at: datetime | None, country: str = ""
) -> Heard:
    """What one SMS to the house leads to. `at` (aware) is the sender's time, None where not told.

    A stop is an objection to all marketing by SMS to that number, at once. A number that nobody
    knows yet is remembered with its no, so that the list which brings it tomorrow finds it.
    """
    if is_opening(text):
        return Heard.OPENING
    if not is_stop(text):
        return Heard.NO_WORD
    return _write(number, provider, message_id, at, country, actor="person")


def blocked_there(
    number: str, *, provider: str, message_id: str, at: datetime | None, country: str = ""
) -> Heard:
    """A gateway refuses to send because the person told it to stop: the no that we missed."""
    return _write(number, provider, message_id, at, country, actor="provider")


def _write(
    number: str, provider: str, message_id: str, at: datetime | None, country: str, *, actor: str
) -> Heard:
    try:
        value = normalise.phone(number, country)
    except normalise.Unusable:
        value = ""
    if not value:
        return Heard.NO_NUMBER
    identifier = Identifier.objects.filter(kind="phone", namespace="", value=value).first()
    if identifier is None and Tombstone.objects.filter(digest=erasure.digest(("phone", "", value))).exists():
        return Heard.ERASED
    if identifier is None:
        identifier, _made = Identifier.objects.get_or_create(kind_id="phone", namespace="", value=value)
    position = ledger.record(
        ledger.Entry(
            type=EventType.OBJECT,
            purpose=ANY,
            channel="sms",
            identifier_id=identifier.pk,
            source_system=provider,
            source_event_id=message_id,
            occurred_at=at,
            proof="A" if actor == "person" else "B",
            via="sms",
            actor=actor,
        )
    )
    return Heard.KNOWN if position is None else Heard.WRITTEN
