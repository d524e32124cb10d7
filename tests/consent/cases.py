"""Turns a case of consent_cases.json (schema 1) into the facts that `decide` takes.

A fact that this adapter does not know is named in a warning: the case is only half read
then, and its result says little.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from consent.decide import decide
from consent.facts import Decision, EventType, LedgerEvent, Message, MessageClass, Recipient, Relation
from consent.rules import UNKNOWN, Rules

Facts = dict[str, Any]


@dataclass(frozen=True)
class Case:
    id: str
    title: str
    facts: Facts
    default_now: str

    @property
    def expected(self) -> Facts:
        expected: Facts = self.facts["expected"]
        return expected

    def decision(self) -> Decision:
        facts = Known(self.facts)
        facts.skip("id", "title", "given", "law", "expected")
        message = read_message(facts.take("message"))
        recipient = read_recipient(facts)
        events = [read_event(number, event) for number, event in enumerate(facts.take("events", []), 1)]
        relations = [read_relation(relation) for relation in facts.take("relations", [])]
        now = moment(facts.take("now", self.default_now))
        rules = read_rules(message.controller, facts.take("policy", {}))
        facts.done()
        assert now is not None
        return decide(message, recipient, events, relations, now, rules)


class Known:
    """A part of a case, of which every fact must be taken."""

    def __init__(self, facts: Facts) -> None:
        self.left = dict(facts)

    def take(self, name: str, default: Any = None) -> Any:
        return self.left.pop(name, default)

    def skip(self, *names: str) -> None:
        for name in names:
            self.left.pop(name, None)

    def done(self) -> None:
        if self.left:
            warnings.warn(f"the adapter knows no fact named {sorted(self.left)}", stacklevel=3)


def load(path: Path) -> list[Case]:
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["schema"] == 1, f"{path.name} is in schema {content['schema']}, not 1"
    return [Case(case["id"], case["title"], case, content["default_now"]) for case in content["cases"]]


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def names(value: Any) -> frozenset[str]:
    return frozenset([value] if isinstance(value, str) else value or ())


def read_message(given: Facts) -> Message:
    facts = Known(given)
    message = Message(
        controller=facts.take("controller"),
        purpose=facts.take("purpose"),
        channel=facts.take("channel"),
        kind=MessageClass(facts.take("class")),
        category=facts.take("category", ""),
        own=facts.take("own", True),
        order=facts.take("order") or "",
        approved=facts.take("approved", True),
        has_optout=facts.take("optout", True),
        lia=facts.take("lia", True),
        sensitive_segment=facts.take("sensitive_segment", False),
    )
    facts.done()
    return message


def read_recipient(case: Known) -> Recipient:
    facts = Known(case.take("recipient"))
    recipient = Recipient(
        address=facts.take("address"),
        country=facts.take("country", UNKNOWN),
        persons=names(facts.take("persons")),
        controller=case.take("data_controller") or "",
        shared=facts.take("shared", False),
        bounced=facts.take("hard_bounce", False),
        reassigned=facts.take("reassigned", False),
        restricted=facts.take("restricted", False),
        legal_person=facts.take("legal_person", False),
        birth_date=day(facts.take("birthdate")),
        registers=names(facts.take("register")),
        erased_at=moment(case.take("suppressed_after_erasure")),
        sent_last_7d=case.take("sent_last_7d", 0),
        sms_last_7d=case.take("sms_last_7d", 0),
        sent_last_30d=case.take("sent_last_30d", 0),
    )
    facts.done()
    return recipient


def read_event(number: int, given: Facts) -> LedgerEvent:
    facts = Known(given)
    recorded = moment(facts.take("recorded"))
    assert recorded is not None
    event = LedgerEvent(
        id=number,
        type=EventType(facts.take("type")),
        occurred_at=moment(facts.take("at")),
        recorded_at=recorded,
        purpose=facts.take("purpose"),
        channel=facts.take("channel"),
        controller=facts.take("controller", ""),
        address=facts.take("address", ""),
        person=facts.take("person") or "",
        scope=facts.take("scope", "address"),
        kind=facts.take("kind", "act"),
        proof=facts.take("evidence", "C"),
        covers=names(facts.take("covers")),
        names=names(facts.take("names")),
        preticked=facts.take("preticked", False),
        via=facts.take("via", ""),
        doi_confirmed=facts.take("doi_confirmed", False),
        guardian=facts.take("guardian", False),
        last_used=moment(facts.take("last_used")),
        promised_per_month=facts.take("promised_per_month"),
        shared_group=facts.take("shared_group", ""),
    )
    facts.skip("carried_from")  # the ledger's own reference; the carried row decides
    facts.done()
    return event


def read_relation(given: Facts) -> Relation:
    facts = Known(given)
    started = moment(facts.take("at"))
    assert started is not None
    broken = [word for word in ("abandoned", "refunded") if facts.take(word, False)]
    relation = Relation(
        type=facts.take("type"),
        started_at=started,
        ended_at=moment(facts.take("ended")),
        contract_party=facts.take("contract_party", ""),
        category=facts.take("category", ""),
        optout_offered=facts.take("optout_offered", "unknown"),
        status=broken[0] if broken else "completed",
        given_by="other" if facts.take("given_by_third_party", False) else "self",
    )
    facts.skip("via")  # who sold as an agent; the contract's party is what counts
    facts.done()
    return relation


def read_rules(controller: str, changes: Facts) -> Rules:
    """The sender's home is the ending of its name: TEATER_NO is in Norway.

    Changes of policy in a case are releases with a sign-off, not an organisation's own.
    """
    rules = Rules(home=controller.rpartition("_")[2])
    return replace(rules, policy=replace(rules.policy, **changes))
