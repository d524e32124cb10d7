"""May this message go to this address now? The one pure answer (CONSENT.md 1.4, 2.5).

`GATES` is table 1.4 in its order: each gate looks at the case and either rules or lets
it pass; the first ruling wins. What is allowed so far then passes `PACE` (R30 to R34).
No database is asked here and no clock read, so that a decision can be repeated years
later from its logged facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from consent import history
from consent.facts import (
    ELECTRONIC,
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
from consent.holidays import norwegian_holidays
from consent.rules import CountryRules, Policy, Rules

ONGOING = frozenset({"subscription", "membership"})
ADULT = 18

CLASS_FLAGS = {
    MessageClass.MIXED: "MIXED_CONTENT",
    MessageClass.SURVEY: "SURVEY_IS_MARKETING",
    MessageClass.CONSENT_REQUEST: "CONSENT_REQUEST_IS_MARKETING",
}


@dataclass(slots=True)
class Ruling:
    outcome: Outcome
    reason: str
    basis: Basis | None = None
    events: tuple[LedgerEvent, ...] = ()


@dataclass(slots=True)
class Case:
    """One question with its facts. `events` are only those that concern it."""

    message: Message
    recipient: Recipient
    events: tuple[LedgerEvent, ...]
    relations: Sequence[Relation]
    now: datetime
    country: CountryRules
    policy: Policy
    _yes: tuple[list[LedgerEvent], str, LedgerEvent | None] | None = None
    _no: list[LedgerEvent] | None = None

    @property
    def electronic(self) -> bool:
        return self.message.channel in ELECTRONIC

    @property
    def valid(self) -> list[LedgerEvent]:
        """Every yes that counts, newest first."""
        return self._read_yes()[0]

    @property
    def faulty(self) -> tuple[str, LedgerEvent | None]:
        """Why the newest yes that fails does so, and which one it is."""
        _, reason, event = self._read_yes()
        return reason, event

    @property
    def standing(self) -> list[LedgerEvent]:
        """The nos to this purpose and channel that stand, newest first."""
        if self._no is None:
            nos = history.negatives(self.events, self.message.purpose, self.message.channel)
            self._no = history.standing(nos, self.valid) if nos else []
        return self._no

    def valid_for(self, purpose: str) -> list[LedgerEvent]:
        """Every yes to another purpose in this channel that counts, newest first."""
        found = history.positives(self.events, purpose, self.message.channel)
        return [event for event in found if not self._fault(event)]

    def _read_yes(self) -> tuple[list[LedgerEvent], str, LedgerEvent | None]:
        if self._yes is None:
            valid: list[LedgerEvent] = []
            reason, failing = "", None
            for event in history.positives(self.events, self.message.purpose, self.message.channel):
                found = self._fault(event)
                if not found:
                    valid.append(event)
                elif failing is None:
                    reason, failing = found, event
            self._yes = (valid, reason, failing)
        return self._yes

    def _fault(self, event: LedgerEvent) -> str:
        return history.fault(event, self.events, self.message, self.country, self.policy, self.now)


Gate = Callable[[Case], Ruling | None]


def block(reason: str, *events: LedgerEvent) -> Ruling:
    return Ruling(Outcome.BLOCK, reason, None, events)


def allow(basis: Basis, reason: str, *events: LedgerEvent) -> Ruling:
    return Ruling(Outcome.ALLOW, reason, basis, events)


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
    return any(_completed(relation) and _in_force(relation, case.now) for relation in case.relations)


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
        if yes.guardian or not _younger(case.recipient.birth_date, case.country.min_age, yes.occurred_at):
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
    if _younger(case.recipient.birth_date, case.policy.soft_min_age, case.now):
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
    return _completed(relation)


def _is_customer(relation: Relation, case: Case) -> bool:
    """R19."""
    return case.country.relation == "sale" or _in_force(relation, case.now)


def _is_recent(relation: Relation, case: Case) -> bool:
    """R20: counted from when the person last was a customer."""
    if case.country.soft_months is None or _in_force(relation, case.now):
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


def _approach(case: Case) -> str:
    if case.message.channel == "phone":
        return case.country.phone
    return case.country.post if case.message.channel == "post" else "consent"


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
            and _completed(relation)
            and _in_force(relation, case.now)
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


# --- what is allowed so far: who decides, and when --------------------------------------


def sensitive(case: Case, deciding: LedgerEvent | None) -> tuple[Outcome, str] | None:
    """R30: the segment may reveal a sensitive trait."""
    return (Outcome.REVIEW, "SENSITIVE_SEGMENT") if case.message.sensitive_segment else None


def call_hours(case: Case, deciding: LedgerEvent | None) -> tuple[Outcome, str] | None:
    """R31: the hours in which the law allows a call."""
    hours = case.country.phone_hours
    if case.message.channel != "phone" or hours is None:
        return None
    local = _local(case)
    closed = (
        (hours.no_saturday and local.weekday() == 5)
        or (hours.no_sunday and local.weekday() == 6)
        or (hours.no_holidays and local.date() in norwegian_holidays(local.year))
        or not hours.start <= local.hour < hours.end
    )
    return (Outcome.DEFER, "QUIET_HOURS_LAW") if closed else None


def promised_pace(case: Case, deciding: LedgerEvent | None) -> tuple[Outcome, str] | None:
    """R32: the consent text promised at most so many a month."""
    promised = deciding.promised_per_month if deciding else None
    if promised is None or case.recipient.sent_last_30d < promised:
        return None
    return Outcome.DEFER, "PROMISED_FREQUENCY"


def weekly_cap(case: Case, deciding: LedgerEvent | None) -> tuple[Outcome, str] | None:
    """R33: the organisation's weekly limits, over all channels and for SMS alone."""
    sms_full = case.message.channel == "sms" and case.recipient.sms_last_7d >= case.policy.sms_weekly_cap
    if sms_full or case.recipient.sent_last_7d >= case.policy.weekly_cap:
        return Outcome.DEFER, "FREQUENCY_CAP"
    return None


def quiet_hours(case: Case, deciding: LedgerEvent | None) -> tuple[Outcome, str] | None:
    """R34: the organisation's own hours for what rings or buzzes."""
    if case.message.channel not in ("sms", "push", "phone"):
        return None
    local = _local(case)
    silent_day = case.message.channel == "sms" and local.weekday() == 6 and not case.policy.sms_on_sunday
    if silent_day or not case.policy.quiet_start <= local.hour < case.policy.quiet_end:
        return Outcome.DEFER, "QUIET_HOURS"
    return None


PACE = (call_hours, promised_pace, weekly_cap, quiet_hours)


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
    for check in (sensitive, *(PACE if pace else ())):
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
    """A no to profiling stands, or the person is a child (CONSENT.md 1.7)."""
    if _younger(case.recipient.birth_date, ADULT, case.now):
        return True
    nos = history.negatives(case.events, PROFILING, case.message.channel)
    return bool(nos) and bool(history.standing(nos, case.valid_for(PROFILING)))


# --- small facts ------------------------------------------------------------------------


def _completed(relation: Relation) -> bool:
    return relation.status == "completed" and relation.given_by == "self"


def _in_force(relation: Relation, now: datetime) -> bool:
    if relation.type not in ONGOING or relation.started_at > now:
        return False
    return relation.ended_at is None or relation.ended_at > now


def _younger(birth_date: date | None, age: int, at: datetime | None) -> bool:
    """Known to be younger than `age` on that day; an unknown age counts as grown up."""
    if birth_date is None or at is None:
        return False
    years = at.year - birth_date.year - ((at.month, at.day) < (birth_date.month, birth_date.day))
    return years < age


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name or "UTC")


def _local(case: Case) -> datetime:
    return case.now.astimezone(_zone(case.country.zone))
