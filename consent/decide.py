"""May this message go to this address now? The one pure answer (CONSENT.md 1.4, 2.5).

`GATES` is table 1.4 in its order: each gate looks at the case and either rules or lets
it pass; the first ruling wins. What is allowed so far then passes `PACE` (R30 to R34).
No database is asked here and no clock read, so that a decision can be repeated years
later from its logged facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from consent import history
from consent.case import Case, Ruling, allow, block, completed, in_force, younger
from consent.facts import (
    NEGATIVE,
    OBJECTIONS,
    OPEN_TRACKING,
    OWN_SIMILAR,
    PROFILING,
    Basis,
    Decision,
    LedgerEvent,
    Message,
    MessageClass,
    Outcome,
    Recipient,
    Relation,
)
from consent.pace import PACE, notice, sensitive
from consent.rules import CountryRules, Rules

ADULT = 18

CLASS_FLAGS = {
    MessageClass.MIXED: "MIXED_CONTENT",
    MessageClass.SURVEY: "SURVEY_IS_MARKETING",
    MessageClass.CONSENT_REQUEST: "CONSENT_REQUEST_IS_MARKETING",
}


Gate = Callable[[Case], Ruling | None]


# --- before any permission is looked at -----------------------------------------------


def wrong_controller(case: Case) -> Ruling | None:
    """R01: the contact belongs to another organisation."""
    owner = case.recipient.controller
    return block("WRONG_CONTROLLER") if owner and owner != case.message.controller else None


def address_invalid(case: Case) -> Ruling | None:
    """R02: hard bounce, or a number reported as somebody else's now."""
    if case.recipient.bounced or case.recipient.reassigned:
        return block("ADDRESS_INVALID")
    return None


def restricted(case: Case) -> Ruling | None:
    """R03, R04: under Art. 18 a person decides on service; marketing stops."""
    if not case.recipient.restricted:
        return None
    if case.message.kind is MessageClass.SERVICE:
        return Ruling(Outcome.REVIEW, "RESTRICTED")
    return block("RESTRICTED")


def service(case: Case) -> Ruling | None:
    """R05, R06: an approved service message about an order or membership that lives."""
    if case.message.kind is not MessageClass.SERVICE:
        return None
    if case.message.approved and _has_live_order(case):
        return allow(Basis.CONTRACT, "SERVICE")
    return block("SERVICE_WITHOUT_ORDER")


def _has_live_order(case: Case) -> bool:
    until = case.recipient.live_until
    if case.message.order or (until is not None and until > case.now):
        return True
    return any(completed(relation) and in_force(relation, case.now) for relation in case.relations)


def content_without_optout(case: Case) -> Ruling | None:
    """R08: electronic marketing must name the sender and offer a way to say no."""
    return block("CONTENT_NO_OPTOUT") if case.electronic and not case.message.has_optout else None


# --- the nos --------------------------------------------------------------------------


def erased_before(case: Case) -> Ruling | None:
    """R09: erased on request, and no own yes since."""
    erased = case.recipient.erased_at
    if erased is None:
        return None
    for yes in case.valid:
        if yes.kind == "act" and yes.proof == "A" and yes.occurred_at and yes.occurred_at > erased:
            return None
    return block("SUPPRESSED_AFTER_ERASURE")


def objected(case: Case) -> Ruling | None:
    """R10: an objection or a spam complaint stands."""
    found = [no for no in case.standing if no.type in OBJECTIONS]
    return block("OBJECTED", *found) if found else None


def withdrawn(case: Case) -> Ruling | None:
    """R11: a withdrawal or an explicit no stands."""
    return block("WITHDRAWN", *case.standing) if case.standing else None


# --- consent --------------------------------------------------------------------------


def legal_person(case: Case) -> Ruling | None:
    """R12: a company's mailbox, where the law protects natural persons only."""
    if case.electronic and case.recipient.legal_person and case.country.legal_person_optout:
        return allow(Basis.LEGAL_PERSON, "LEGAL_PERSON")
    return None


def consent(case: Case) -> Ruling | None:
    """R13, R14: a valid yes, given at an age at which it counts."""
    if not case.valid:
        return None
    for yes in case.valid:
        if yes.guardian or not younger(case.recipient.birth_date, case.country.min_age, yes.occurred_at):
            return allow(Basis.CONSENT, "CONSENT", yes)
    return block("MINOR_NO_VALID_CONSENT", case.valid[0])


# --- the customer exception -----------------------------------------------------------


def customer(case: Case) -> Ruling | None:
    """R15 to R23, with R28's reason first where a yes exists but fails: it can be mended."""
    if case.message.purpose != OWN_SIMILAR or not case.electronic or not case.country.soft:
        return None
    no = _any_no_in_channel(case)
    if no:
        return block("WITHDRAWN", no)
    missing = _missing_for_customer(case)
    if missing is None:
        return allow(Basis.SOFT_OPT_IN, "SOFT_OPT_IN")
    return failing_consent(case) or block(missing)


def _any_no_in_channel(case: Case) -> LedgerEvent | None:
    """R15: any no in this channel that stands, whatever its purpose."""
    for event in case.events:
        if event.type in NEGATIVE and event.channel in (case.message.channel, "*"):
            yes = case.valid if event.purpose == "*" else case.valid_for(event.purpose)
            if history.standing([event], yes):
                return event
    return None


def _missing_for_customer(case: Case) -> str | None:
    """R16 to R22 in turn, each keeping the relations that pass; None when one passes all."""
    left = [found for found in case.relations if found.contract_party in ("", case.message.controller)]
    if case.relations and not left:
        return "PARTNER_SALE"
    if younger(case.recipient.birth_date, case.policy.soft_min_age, case.now):
        return "MINOR_NO_SOFT_OPTIN"
    for reason, passes in CUSTOMER_TESTS:
        left = [found for found in left if passes(found, case)]
        if not left:
            return reason
    return None


def _is_sale(relation: Relation, case: Case) -> bool:
    """R18."""
    if relation.type == "free_account" and not case.policy.free_account_is_sale:
        return False
    return completed(relation)


def _is_customer(relation: Relation, case: Case) -> bool:
    """R19."""
    return case.country.relation == "sale" or in_force(relation, case.now)


def _is_recent(relation: Relation, case: Case) -> bool:
    """R20: counted from when the person last was a customer."""
    if case.country.soft_months is None or in_force(relation, case.now):
        return True
    last = max(relation.started_at, relation.ended_at or relation.started_at)
    return last >= history.months_before(case.now, case.country.soft_months)


def _could_decline(relation: Relation, case: Case) -> bool:
    """R21: only a known yes counts; unknown is no."""
    return relation.optout_offered == "yes"


def _is_similar(relation: Relation, case: Case) -> bool:
    """R22."""
    return case.message.own and relation.category == case.message.category


CUSTOMER_TESTS: tuple[tuple[str, Callable[[Relation, Case], bool]], ...] = (
    ("NO_SALE", _is_sale),
    ("NO_ONGOING_RELATION", _is_customer),
    ("RELATION_TOO_OLD", _is_recent),
    ("NO_OPTOUT_OFFERED", _could_decline),
    ("NOT_SIMILAR", _is_similar),
)


# --- calls, letters and everything else -----------------------------------------------


def consent_needed(case: Case) -> Ruling | None:
    """R24: channels in which only a yes opens."""
    if case.electronic or _approach(case) != "consent":
        return None
    return block("CONSENT_NEEDED_FOR_CHANNEL")


def approach(channel: str, country: CountryRules) -> str:
    """How the law lets a seller near in a channel that is not electronic mail."""
    if channel == "phone":
        return country.phone
    return country.post if channel == "post" else "consent"


def _approach(case: Case) -> str:
    return approach(case.message.channel, case.country)


def on_register(case: Case) -> Ruling | None:
    """R25: the national register, unless the customer exception reaches this channel."""
    if case.electronic or _approach(case) != "optout_register":
        return None
    if case.message.channel in case.recipient.registers and not _may_ask_customer(case):
        return block("OPTOUT_REGISTER")
    return None


def _may_ask_customer(case: Case) -> bool:
    """mfl § 12(4), § 13(4): ongoing customers, about own similar goods."""
    return (
        case.country.register_customer_exception
        and case.message.purpose == OWN_SIMILAR
        and any(
            relation.contract_party in ("", case.message.controller)
            and completed(relation)
            and in_force(relation, case.now)
            and _is_similar(relation, case)
            for relation in case.relations
        )
    )


def legitimate_interest(case: Case) -> Ruling | None:
    """R26, R27: calls and letters under an approved balancing test."""
    if case.electronic or _approach(case) == "consent":
        return None
    if not case.message.lia:
        return block("LIA_MISSING")
    return allow(Basis.LEGITIMATE_INTEREST, "LEGITIMATE_INTEREST")


def failing_consent(case: Case) -> Ruling | None:
    """R28: a yes exists but fails."""
    reason, event = case.faulty
    return block(reason, event) if event else None


def no_basis(case: Case) -> Ruling:
    """R29."""
    return block("NO_BASIS")


GATES: tuple[Gate, ...] = (
    wrong_controller,
    address_invalid,
    restricted,
    service,
    content_without_optout,
    erased_before,
    objected,
    withdrawn,
    legal_person,
    consent,
    customer,
    consent_needed,
    on_register,
    legitimate_interest,
    failing_consent,
)


# --- putting it together ----------------------------------------------------------------


def decide(
    message: Message,
    recipient: Recipient,
    events: Iterable[LedgerEvent],
    relations: Sequence[Relation],
    now: datetime,
    rules: Rules,
    *,
    pace: bool = True,
) -> Decision:
    """The answer for one message, one address and one moment.

    `events` may hold more than concerns this address: what does not is left out here.
    `pace=False` answers whether the message may go at all, leaving out the hour and the
    caps (R31 to R34): that is the answer stored for lists and counts.
    """
    case = Case(
        message,
        recipient,
        history.relevant(events, message, recipient),
        relations,
        now,
        rules.for_country(recipient.country),
        rules.policy,
    )
    ruling = _first_ruling(case)
    if ruling.outcome is Outcome.ALLOW and message.kind is not MessageClass.SERVICE:
        _hold_back(case, ruling, pace=pace)
    deciding = tuple(event.id for event in ruling.events)
    return Decision(
        ruling.outcome, ruling.basis, ruling.reason, _flags(case, ruling), deciding, rules.version
    )


def _first_ruling(case: Case) -> Ruling:
    for gate in GATES:
        ruling = gate(case)
        if ruling is not None:
            return ruling
    return no_basis(case)


def _hold_back(case: Case, ruling: Ruling, *, pace: bool) -> None:
    deciding = ruling.events[0] if ruling.basis is Basis.CONSENT else None
    for check in (sensitive, notice, *(PACE if pace else ())):
        found = check(case, deciding)
        if found is not None:
            ruling.outcome, ruling.reason = found
            return


def _flags(case: Case, ruling: Ruling) -> frozenset[str]:
    flags = set()
    if case.message.kind in CLASS_FLAGS:
        flags.add(CLASS_FLAGS[case.message.kind])
    if ruling.basis is None:
        return frozenset(flags)
    if case.message.channel == "email" and not case.valid_for(OPEN_TRACKING):
        flags.add("NO_OPEN_TRACKING")
    if case.recipient.shared:
        flags.add("NO_CROSS_PERSON_PERSONALISATION")
    if _refuses_profiling(case):
        flags.add("NO_PROFILING")
    return frozenset(flags)


def _refuses_profiling(case: Case) -> bool:
    """A no to it stands at any address of the person, or the person is a child (CONSENT.md 1.7, 2.7)."""
    if case.recipient.refuses_profiling or younger(case.recipient.birth_date, ADULT, case.now):
        return True
    nos = history.negatives(case.events, PROFILING, case.message.channel)
    return bool(nos) and bool(history.standing(nos, case.valid_for(PROFILING)))
