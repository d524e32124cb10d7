"""The facts a decision rests on, as plain data: no database, no clock.

Times are aware. Codes are the words of CONSENT.md 2.3. The decision itself is made in
`consent.decide`; whoever asks fetches these facts first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

ANY = "*"


class Outcome(StrEnum):
    ALLOW = "ALLOW"
    BLOCK = "BLOCK"
    DEFER = "DEFER"
    REVIEW = "REVIEW"


class Basis(StrEnum):
    CONSENT = "consent"
    SOFT_OPT_IN = "soft_opt_in"
    CONTRACT = "contract"
    LEGAL_PERSON = "legal_person"
    LEGITIMATE_INTEREST = "legitimate_interest"


class MessageClass(StrEnum):
    SERVICE = "service"
    MARKETING = "marketing"
    MIXED = "mixed"
    SURVEY = "survey"
    CONSENT_REQUEST = "consent_request"


class EventType(StrEnum):
    GRANT = "GRANT"
    DENY = "DENY"
    WITHDRAW = "WITHDRAW"
    OBJECT = "OBJECT"
    COMPLAINT = "COMPLAINT"
    DOI_REQUESTED = "DOI_REQUESTED"
    DOI_CONFIRMED = "DOI_CONFIRMED"
    CARRIED = "CARRIED"
    LAPSED = "LAPSED"
    INVALIDATED = "INVALIDATED"


POSITIVE = frozenset({EventType.GRANT, EventType.CARRIED, EventType.DOI_REQUESTED})
OBJECTIONS = frozenset({EventType.OBJECT, EventType.COMPLAINT})
NEGATIVE = frozenset({EventType.WITHDRAW, EventType.DENY}) | OBJECTIONS
ELECTRONIC = frozenset({"email", "sms", "push"})

NEWSLETTER = "marketing.newsletter"
OWN_SIMILAR = "marketing.own_similar"
SERVICE_INFO = "service.event_info"
OPEN_TRACKING = "tracking.email_open"
PROFILING = "profiling"


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be sent.

    `kind` is the class given when the template was approved (CONSENT.md 1.2). `order`
    names the live order or membership that a service message is about. `own` and
    `category` say whose goods are offered and which. `has_optout`: the message names
    the sender, an address and a way to say no. `lia`: an approved balancing test is
    linked to the campaign. `has_notice`: it tells whom the data came from and everybody's
    rights (GDPR Art. 14(3)(b)), or that was told before.
    """

    controller: str
    purpose: str
    channel: str
    kind: MessageClass = MessageClass.MARKETING
    category: str = ""
    own: bool = True
    order: str = ""
    approved: bool = True
    has_optout: bool = True
    lia: bool = False
    sensitive_segment: bool = False
    has_notice: bool = True


@dataclass(frozen=True, slots=True)
class Recipient:
    """One contact point, and what is known about who reads it.

    `controller` is the organisation whose contact this is; empty means the sender's
    own. `persons` are all persons linked to the address. `live_until` is when the last
    performance of a paid order stops being a reason to write. `registers` names the
    channels for which the national opt-out register holds this contact point.
    `erased_at` is when a person with this address was last erased on request.
    `refuses_profiling`: a no to it stands at another address of the same person.
    `unnoticed`: known from partners alone, and never told so (Art. 14). Marketing sent: in
    the last 7 days to the person, whatever the channel and address, and by SMS alone; in the
    last 30 days to this contact point.
    """

    address: str
    country: str
    persons: frozenset[str] = frozenset()
    controller: str = ""
    shared: bool = False
    bounced: bool = False
    reassigned: bool = False
    restricted: bool = False
    legal_person: bool = False
    birth_date: date | None = None
    registers: frozenset[str] = frozenset()
    erased_at: datetime | None = None
    live_until: datetime | None = None
    refuses_profiling: bool = False
    unnoticed: bool = False
    sent_last_7d: int = 0
    sms_last_7d: int = 0
    sent_last_30d: int = 0


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """One row of the ledger, with what its text and collection point say.

    `covers` are further purposes that the text names, `names` the controllers named in
    it (empty: the event's own). `target` is the id of the event that an INVALIDATED
    takes back. `last_used` is when a message was last sent on this permission.
    """

    id: int
    type: EventType
    occurred_at: datetime | None
    recorded_at: datetime
    purpose: str
    channel: str
    controller: str = ""
    address: str = ""
    person: str = ""
    scope: str = "address"
    kind: str = "act"
    proof: str = "C"
    covers: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    preticked: bool = False
    via: str = ""
    doi_confirmed: bool = False
    guardian: bool = False
    last_used: datetime | None = None
    promised_per_month: int | None = None
    shared_group: str = ""
    target: int | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A sale, subscription, membership or free account behind the address.

    `ended_at` is None while nothing says when it ends: for a subscription or a
    membership that means in force, for a sale that it was one moment. `given_by`
    tells whether the customer gave the address or somebody else typed it.
    """

    type: str
    started_at: datetime
    ended_at: datetime | None = None
    contract_party: str = ""
    category: str = ""
    optout_offered: str = "unknown"
    status: str = "completed"
    given_by: str = "self"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer. `basis` is None unless the message may go, now or later.

    `deciding` are the ids of the ledger events it rests on, newest first.
    """

    decision: Outcome
    basis: Basis | None
    reason: str
    flags: frozenset[str]
    deciding: tuple[int, ...]
    rules_version: str
