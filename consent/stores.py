"""What erasing does to every table of this room (docs/decisions/erasure.md)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from cdp.lib import sql
from consent import projection
from consent.models import (
    Confirmation,
    ContactAnswer,
    ContactStatus,
    ContactUse,
    RegisterMark,
    SendDecision,
    SnapshotState,
)
from consent.rights import erasing_ledger, erasing_requests
from organisations import personal_data
from organisations.personal_data import Doing, Erase, Free, Store, Subject

CODE = "one of a fixed list of words"
STAFF = "e-mail address of a colleague"
PERMISSIONS, MESSAGES, RIGHTS = "permissions", "messages", "rights"


def of_contact_points(model: type[models.Model]) -> Erase:
    """Erases what hangs on addresses and numbers that are the person's alone."""

    def erase(subject: Subject) -> int:
        gone: Any = model._default_manager.filter(identifier__in=subject.identifiers).delete()
        return int(gone[0])

    return erase


def _states(subject: Subject) -> int:
    """Of shared addresses what is left is computed anew from what others said there."""
    gone = sql.count("consent/erase_states", {"identifiers": list(subject.identifiers)})
    projection.touch(subject.shared, taken_back=True)
    return gone


LEDGER = (
    Store(
        model="consent.ConsentEvidence", label=_("Traces of a yes: network address, browser, page"),
        category=PERMISSIONS, personal=("ip_sealed", "user_agent", "page_url", "doi_token_hash"),
        doing=Doing.DELETE, erase=erasing_ledger.forget_evidence, order=68,
    ),
    Store(
        model="consent.ConsentEvent", label=_("What they said about permissions"), category=PERMISSIONS,
        personal=("source_event_id", "order_ref", "campaign_ref", "note", "identifier", "record"),
        doing=Doing.DELETE, erase=erasing_ledger.forget_events, order=69,
        plain={
            "type": CODE, "scope": CODE, "purpose": "key of a purpose", "channel": CODE, "kind": CODE,
            "proof": CODE, "source_system": "a system's name", "experiment_variant": "name of a variant",
            "controller": "name of an organisation", "shared_group": "name of organisations", "via": CODE,
            "actor": CODE,
        },
    ),
    Store(
        model="consent.ConsentState", label=_("Where each permission stands"), category=PERMISSIONS,
        personal=("state",), doing=Doing.DELETE, erase=_states, order=70,
        plain={"purpose": "key of a purpose", "channel": CODE},
    ),
    Store(
        model="consent.SnapshotState", label=_("Answers that a system repeats each morning"),
        category=PERMISSIONS, personal=("answer",), doing=Doing.DELETE,
        erase=of_contact_points(SnapshotState), order=70, plain={"channel": CODE},
    ),
    Store(
        model="consent.Confirmation", label=_("Addresses asked to confirm"), category=PERMISSIONS,
        personal=("token_hash", "answers", "unit", "guardian_sealed"), doing=Doing.DELETE,
        erase=of_contact_points(Confirmation), order=70,
        plain={"variant": "name of a variant", "locale": "a language"},
    ),
)  # fmt: skip

CONTACT = (
    Store(
        model="consent.ContactStatus", label=_("Whether an address works"), category="profile",
        personal=("status",), doing=Doing.DELETE, erase=of_contact_points(ContactStatus), order=71,
        plain={"source_system": "a system's name"},
    ),
    Store(
        model="consent.ContactUse", label=_("When something was last sent"), category=MESSAGES,
        personal=("last_used_at",), doing=Doing.DELETE, erase=of_contact_points(ContactUse), order=71,
        plain={"channel": CODE},
    ),
    Store(
        model="consent.ContactAnswer", label=_("What may be sent to them, as last decided"),
        category=PERMISSIONS, personal=("basket",), doing=Doing.DELETE,
        erase=of_contact_points(ContactAnswer), order=71,
        plain={
            "channel": CODE, "newsletter": CODE, "newsletter_reason": CODE, "own_similar": CODE,
            "own_similar_reason": CODE, "service": CODE, "service_reason": CODE, "rules_version": "a version",
        },
    ),
    Store(
        model="consent.SendDecision", label=_("Decisions whether to send"), category=MESSAGES,
        personal=("facts", "deciding_events"), doing=Doing.DELETE, erase=of_contact_points(SendDecision),
        order=71,
        plain={
            "message": "a message's name", "purpose": "key of a purpose", "channel": CODE, "decision": CODE,
            "basis": CODE, "reason": CODE, "flags": CODE, "rules_version": "a version",
        },
    ),
    Store(
        model="consent.RegisterMark", label=_("Found in an opt-out register"), category="suppression",
        personal=("register",), doing=Doing.DELETE, erase=of_contact_points(RegisterMark), order=71,
        plain={"channel": CODE},
    ),
)  # fmt: skip

REQUESTS = (
    Store(
        model="consent.RequestPackage", label=_("Files made for them to read"), category=RIGHTS,
        personal=("name", "content"), doing=Doing.ANONYMISE, erase=erasing_requests.empty_packages, order=72,
        why=_("That a file was handed over, and its hash, proves that we answered (Art. 5(2))."),
        plain={"sha256": "a hash", "made_by": STAFF, "state": CODE},
    ),
    Store(
        model="consent.RequestTask", label=_("What was asked of other systems for them"), category=RIGHTS,
        personal=("address",), doing=Doing.ANONYMISE, erase=erasing_requests.empty_tasks, order=72,
        why=_("What was done proves that we answered (Art. 5(2)); for whom is gone."),
        plain={
            "destination": "a system's key", "label": "words for a system and what it holds", "doing": CODE,
            "consequence": "words about a system", "state": CODE, "settled_by": STAFF,
            "acknowledgement": "the other side's number, kept without personal data",
            "error": "kept without personal data",
        },
    ),
    Store(
        model="consent.RightsRequest", label=_("Requests: letters, and who asked"), category=RIGHTS,
        personal=("records", "letter", "identity_note"), doing=Doing.ANONYMISE,
        erase=erasing_requests.empty_requests, order=73,
        why=_("That somebody asked, when, and what was done proves that we answered (Art. 5(2))."),
        plain={
            "kind": CODE, "state": CODE, "came_by": CODE, "identity": CODE,
            "extended_because": "kept without personal data", "decisions": "kept without personal data",
            "plan": "counts by table", "entered_by": STAFF, "approved_by": STAFF,
        },
    ),
)  # fmt: skip

KEPT = (
    Store(
        model="consent.RequestNote", label=_("History of requests"), category=RIGHTS, personal=(),
        doing=Doing.KEEP, why=_("Says what was done, never to whom (Art. 5(2))."),
        plain={"actor": STAFF, "verb": CODE, "note": "kept without personal data"},
    ),
    Store(
        model="consent.ErasureProof", label=_("Proof of the erasure"), category=RIGHTS, personal=(),
        doing=Doing.KEEP, why=_("That somebody was erased, without name or address (Art. 5(2))."),
        plain={
            "rules_version": "a version", "counts": "counts", "acknowledgements": "numbers of other systems",
            "kept": "words about tables", "sha256": "a hash",
        },
    ),
    Store(
        model="consent.KeptPermission", label=_("The last yes and the last no, under a keyed hash"),
        category="kept_permissions", personal=("digest",), doing=Doing.KEEP,
        why=_("For a dispute about what was sent, 24 months at most (Art. 17(3)(e))."),
        plain={
            "type": CODE, "purpose": "key of a purpose", "channel": CODE, "source_system": "a system's name",
        },
    ),
    Store(
        model="consent.ErasedEvent", label=_("Hashes in the place of ledger entries"), category=PERMISSIONS,
        personal=(), doing=Doing.KEEP,
        why=_("So that the rest of the ledger can still be checked; a hash of a row and 74 random bits."),
        plain={"row_sha256": "a hash of a row with 74 random bits in it"},
    ),
    Store(
        model="consent.KeptBuyer", label=_("Buyers of orders kept for the books, sealed"),
        category="bookkeeping", personal=("sealed",), doing=Doing.KEEP,
        why=_("The law on bookkeeping asks for it (Art. 17(3)(b)); two people together can open it."),
        plain={"asked_by": STAFF, "ask_reason": "kept without personal data"},
    ),
    Store(
        model="consent.FormServed", label=_("Forms shown, by keyed hash of a visit or basket"),
        category="form_exposures", personal=("unit",), doing=Doing.KEEP,
        why=_("Nobody can be found by it; counted and deleted after 90 days."),
        plain={"variant": "name of a variant", "locale": "a language"},
    ),
    Store(
        model="consent.RegisterEntry", label=_("National opt-out registers, as keyed hashes"),
        category="suppression", personal=("digest",), doing=Doing.KEEP,
        why=_("The register's, not ours: the next month's file takes its place."),
    ),
)  # fmt: skip

NOTHING_PERSONAL = (
    Free("consent.Purpose", "the catalogue of purposes"),
    Free("consent.ConsentText", "words that are asked with"),
    Free("consent.CollectionPoint", "where is asked; who looks after it is staff"),
    Free("consent.RuleOverride", "settings"),
    Free("consent.ConsentForm", "settings of a form"),
    Free("consent.FormVersion", "wording and layout of a form"),
    Free("consent.Experiment", "settings of a test; its secret says nothing about anybody"),
    Free("consent.Variant", "settings of a test"),
    Free("consent.ExposureCount", "counts of a day"),
    Free("consent.RegisterFile", "name, hash and counts of a register's file"),
    Free("consent.RegisterPart", "pieces of a national register on their way in; gone once they are read"),
    Free("consent.RetentionRule", "settings"),
    Free("consent.RetentionRun", "counts"),
    Free("consent.BalancingTest", "what the organisation weighed, about no single person"),
    Free("consent.ChainHead", "hashes over a day of the ledger"),
    Free("consent.Comparison", "counts, and numbers of contact points as examples"),
    Free("consent.PrivacySettings", "the organisation's own name and addresses"),
)


def register() -> None:
    personal_data.register(*LEDGER, *CONTACT, *REQUESTS, *KEPT, *NOTHING_PERSONAL)
