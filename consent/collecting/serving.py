"""Showing a form to one unit, and writing down what it answers (CONSENT.md 2.4, 4.1).

A unit is what keeps its variant and is answered for once: `basket:…` as the embedding page names it,
`person:…`, or `view:…`, one showing of the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from cdp.lib import clock
from consent import gather, ledger
from consent.case import younger
from consent.collecting import confirming, evidence, people, spec
from consent.collecting.evidence import Evidence
from consent.collecting.people import Contact, Somebody
from consent.collecting.spec import Ask, Spec, Words
from consent.collecting.versions import override_note
from consent.experiments import assignment, exposure
from consent.experiments.assignment import Assigned, NoVersion
from consent.facts import OWN_SIMILAR, EventType
from consent.models import ConsentForm, ConsentText, FormVersion
from consent.rules import CountryRules

__all__ = ["NoVersion", "Outcome", "Said", "Served", "TooYoung", "answer", "of_version", "serve", "shown"]


class TooYoung(ValueError):
    """Too young to say yes alone, and no guardian is named. `age` is from when they may."""

    def __init__(self, age: int) -> None:
        super().__init__(age)
        self.age = age


@dataclass(frozen=True, slots=True)
class Served:
    """What one unit sees. `assigned` is None in a preview, which is nobody's."""

    form: ConsentForm
    version: FormVersion
    spec: Spec
    texts: Mapping[int, ConsentText] = field(repr=False)
    locale: str
    unit: str = field(default="", repr=False)
    assigned: Assigned | None = field(default=None, repr=False)

    @property
    def words(self) -> Words:
        return self.spec.locales[self.locale]

    @property
    def asks(self) -> list[Ask]:
        return self.spec.asks(self.locale, self.texts)

    @property
    def mark(self) -> str:
        """The variant, as the ledger notes it; empty where no test runs."""
        return self.assigned.mark if self.assigned else ""

    @property
    def unit_hash(self) -> bytes:
        return self.assigned.unit_hash if self.assigned else b""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody answered: by the name of the control, True yes, False an explicit no.

    What was left empty is not there: silence is no act. `optout` is the customer's no to offers
    like what was bought.
    """

    answers: Mapping[str, bool]
    contact: Contact = field(default_factory=Contact)
    guardian: str = field(default="", repr=False)
    optout: bool = False

    @property
    def anything(self) -> bool:
        return bool(self.answers) or self.optout

    @property
    def yes(self) -> bool | None:
        """Any yes; None where everything was left empty."""
        return any(self.answers.values()) if self.answers else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was written: ledger positions, and whether a mail asks to confirm."""

    positions: tuple[int, ...] = ()
    asked_to_confirm: bool = False


def serve(form: ConsentForm, *, unit: str, locale: str) -> Served:
    """What this unit sees, the same each time. Raises `NoVersion` where nothing is live."""
    assigned = assignment.assign(form, unit)
    return replace(of_version(form, assigned.version, locale), unit=unit, assigned=assigned)


def of_version(form: ConsentForm, version: FormVersion, locale: str) -> Served:
    """One version as it would be seen, for nobody: previews."""
    read = spec.read(version.spec)
    texts = ConsentText.objects.in_bulk(list(read.text_ids()))
    code, _words = read.words(locale, form.locale)
    return Served(form, version, read, texts, code)


def shown(served: Served) -> None:
    """The form is on somebody's screen: counted once for each unit."""
    if served.assigned:
        exposure.served(served.assigned, served.form, served.locale, clock.now())


def answer(served: Served, said: Said, shown_at: datetime, seen: Evidence, *, order_ref: str = "") -> Outcome:
    """Writes what a unit answered, in one transaction; the same answer again writes nothing.

    Raises `TooYoung`, `people.NobodyToWriteTo`.
    """
    now = clock.now()
    seconds = int((now - shown_at).total_seconds())
    with transaction.atomic():
        if not said.anything:
            exposure.answered(served.form, served.unit_hash, None, now, seconds)
            return Outcome()
        somebody = people.bring_in(served.form, said.contact, served.unit)
        country = people.rules_of(somebody, gather.house())
        minor = younger(said.contact.birth_date, country.min_age, now)
        if minor and said.yes and not said.guardian:
            raise TooYoung(country.min_age)
        desk = _Desk(served, said, somebody, _needs(served.form, country, minor), now, order_ref)
        outcome = desk.write(seen)
        reached = [identifier.pk for identifier in somebody.identifiers.values()]
        exposure.answered(served.form, served.unit_hash, said.yes, now, seconds, identifier_ids=reached)
    return outcome


@dataclass(frozen=True, slots=True)
class _Needs:
    """What a yes needs beside itself: a click in a mail, or what a mail cannot prove."""

    minor: bool
    click: bool
    phone_waits: bool

    def click_for(self, channel: str) -> bool:
        return self.minor or (self.click and channel == "email")

    def waits(self, channel: str) -> bool:
        return self.click_for(channel) or (self.phone_waits and channel != "email")


def _needs(form: ConsentForm, country: CountryRules, minor: bool) -> _Needs:
    """A mail proves no phone number: where the country asks for proof, a yes by phone stays closed.

    At a paid checkout the receipt shows whose address it is (CONSENT.md 2.13). For a child
    the guardian confirms everything.
    """
    paid = form.double_optin == ConsentForm.Confirming.PAID
    return _Needs(minor, confirming.is_needed(form, country), country.doi and not paid)


@dataclass(slots=True)
class _Desk:
    """One answer on its way into the ledger."""

    served: Served
    said: Said
    somebody: Somebody
    needs: _Needs
    now: datetime
    order_ref: str

    def write(self, seen: Evidence) -> Outcome:
        proven: list[int] = []
        negatives: list[int] = []
        waiting: list[dict[str, object]] = []
        for ask, purpose, channel, yes in self._permissions():
            position = self._permission(ask, purpose, channel, yes)
            if position is None:
                continue
            (proven if yes else negatives).append(position)
            if yes and self.needs.click_for(channel):
                waiting.append(self._waiting(ask, purpose, channel))
        if self.said.optout and (position := self._optout()):
            negatives.append(position)
        evidence.keep(proven, seen)
        if waiting:
            guardian = self.said.guardian if self.needs.minor else ""
            confirming.ask(self.served, self.somebody.reached, waiting, guardian=guardian, at=self.now)
        return Outcome((*proven, *negatives), bool(waiting))

    def _waiting(self, ask: Ask, purpose: str, channel: str) -> dict[str, object]:
        contact = self.somebody.contact(channel)
        at = contact.pk if contact else None
        return {"purpose": purpose, "channel": channel, "text": ask.text.pk, "identifier": at}

    def _permissions(self) -> Iterator[tuple[Ask, str, str, bool]]:
        for ask in self.served.asks:
            yes = self.said.answers.get(ask.name)
            if yes is not None:
                for purpose, channel in ask.pairs:
                    yield ask, purpose, channel, yes

    def _permission(self, ask: Ask, purpose: str, channel: str, yes: bool) -> int | None:
        contact = self.somebody.contact(channel)
        if contact is None:
            return None
        kind = EventType.DENY
        if yes:
            kind = EventType.DOI_REQUESTED if self.needs.waits(channel) else EventType.GRANT
        return self._record(kind, contact.pk, purpose, channel, ask.text.pk)

    def _optout(self) -> int | None:
        """The customer's no to offers like what was bought (CONSENT.md 1.3)."""
        contact = self.somebody.contact("email")
        return self._record(EventType.DENY, contact.pk, OWN_SIMILAR, "email", None) if contact else None

    def _record(
        self, kind: EventType, identifier_id: int, purpose: str, channel: str, text_id: int | None
    ) -> int | None:
        yes = kind is not EventType.DENY
        form = self.served.form
        return ledger.record(
            ledger.Entry(
                type=kind,
                purpose=purpose,
                channel=channel,
                source_system="foyer",
                source_event_id=f"form:{form.key}:{self.served.unit}:{'yes' if yes else 'no'}",
                identifier_id=identifier_id,
                record_id=self.somebody.record.pk,
                occurred_at=self.now,
                kind="act",
                proof="A",
                point_id=form.point_id,
                text_id=text_id,
                order_ref=self.order_ref,
                experiment_variant=self.served.mark,
                guardian=yes and self.needs.minor,
                via="checkout" if form.double_optin == ConsentForm.Confirming.PAID else "web_form",
                intake_id=self.somebody.intake_id,
                note=override_note(self.served.version) if yes else "",
            )
        )
