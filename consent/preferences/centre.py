"""What the preference centre shows of one address, and what it takes (CONSENT.md 2.12).

Nobody signs in: a link proves one address. So only what was said for this address is shown,
no name, no purchase, no other address; where several people share it, a no closes it for all of
them and a yes opens it (2.8). What may be sent is decided, not read from a flag.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from django.db import connection, transaction
from django.utils.translation import gettext as _

from cdp.lib import clock
from consent import answers, gather
from consent.collecting import evidence
from consent.collecting.evidence import Evidence
from consent.decide import decide
from consent.facts import ANY, OWN_SIMILAR, Basis, Decision, Message, Outcome
from consent.gather import House, Row
from consent.models import CollectionPoint, ConsentEvent, ConsentText
from consent.names import ASKABLE
from consent.preferences import saying, words
from consent.preferences.tokens import Read
from consent.preferences.words import Words
from consent.verbs import add_text
from organisations.models import Organisation
from profiles.models import Identifier

POINT = "preference-centre"
CHANNELS = {"email": ("email",), "phone": ("sms", "phone")}
"""What reaches a contact point of each kind."""
SAID_NO = ("OBJECTED", "WITHDRAWN")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that may be sent, or that somebody said no to. `since` is None where nobody wrote it down."""

    purpose: str
    channel: str
    since: datetime | None
    where: str = ""
    body: str = ""
    as_customer: bool = False

    @property
    def key(self) -> str:
        return f"{self.purpose}/{self.channel}"

    @property
    def name(self) -> str:
        return words.purpose(self.purpose)

    @property
    def by(self) -> str:
        return words.channel(self.channel)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one address stands. `offers` are what it may say yes to, empty for a link that staff opened."""

    allowed: list[Line] = field(default_factory=list)
    refused: list[Line] = field(default_factory=list)
    offers: list[Words] = field(default_factory=list)
    shared: bool = False


def standing(identifier: Identifier, *, locale: str, may_give: bool) -> Standing:
    """In one reader's language. Needs few queries, all by the address's own keys."""
    house, now = gather.house(), clock.now()
    with transaction.atomic():
        row = next((row for batch in gather.stream([identifier.pk]) for row in batch), None)
    lines = list(_decided(row, identifier, house, now)) if row else []
    allowed = [line for line, may in lines if may]
    open_now = {line.key for line in allowed}
    return Standing(
        allowed,
        [line for line, may in lines if not may],
        list(_offers(identifier, open_now, locale)) if may_give else [],
        bool(row and row.shared) or identifier.state == Identifier.State.SHARED,
    )


def _decided(row: Row, identifier: Identifier, house: House, now: datetime) -> Iterator[tuple[Line, bool]]:
    """Everything that may be sent, and everything that was said no to; what was never asked is neither."""
    recipient, bought = gather.recipient(row, house), gather.relations(row)
    for channel in CHANNELS[identifier.kind_id]:
        said = gather.events(row, house, channel)
        for purpose in ASKABLE:
            category = answers.CATEGORY if purpose == OWN_SIMILAR else ""
            message = Message(house.controller, purpose, channel, category=category)
            decision = decide(message, recipient, said, bought, now, house.rules, pace=False)
            may = decision.decision is Outcome.ALLOW
            event = _deciding(row, decision)
            # A no to the news also closes the customer exception (R15); it was not said to that.
            if may or (event and decision.reason in SAID_NO and event.purpose in (purpose, ANY)):
                yield _line(purpose, channel, event, decision.basis is Basis.SOFT_OPT_IN), may


def _deciding(row: Row, decision: Decision) -> ConsentEvent | None:
    if not decision.deciding:
        return None
    position = (row.positions or [])[decision.deciding[0]]
    return ConsentEvent.objects.select_related("point", "text").filter(pk=position).first()


def _line(purpose: str, channel: str, event: ConsentEvent | None, as_customer: bool) -> Line:
    if event is None:
        return Line(purpose, channel, None, as_customer=as_customer)
    body = event.text.body if event.text else (event.point.wording if event.point else "")
    return Line(purpose, channel, event.occurred_at or event.recorded_at, _where(event), body, as_customer)


def _where(event: ConsentEvent) -> str:
    if event.via in (saying.PAGE, saying.ONE_CLICK) or (event.point and event.point.key == POINT):
        return _("this page, or the link in an e-mail")
    if event.via == "staff":
        return _("our staff, who noted it")
    return event.point.name if event.point else ""


def _offers(identifier: Identifier, open_now: set[str], locale: str) -> Iterator[Words]:
    """What the house asks people anywhere, its news first, in words for one permission each."""
    asked = _asked_anywhere()
    for channel in CHANNELS[identifier.kind_id]:
        for purpose in ASKABLE:
            news = purpose == ASKABLE[0] and channel == CHANNELS[identifier.kind_id][0]
            if f"{purpose}/{channel}" in open_now or not (news or (purpose, channel) in asked):
                continue
            if found := words.to_say_yes(purpose, channel, house=_house_name(), locale=locale):
                yield found


def _asked_anywhere() -> set[tuple[str, str]]:
    points = CollectionPoint.objects.values_list("purposes", "channels")
    texts = ConsentText.objects.values_list("purposes", "channels")
    return {
        (purpose, channel)
        for purposes, channels in (*points, *texts)
        for purpose in purposes
        for channel in channels
    }


def _house_name() -> str:
    return str(cast(Organisation, connection.tenant).name)  # type: ignore[attr-defined]


# --- what is taken ---------------------------------------------------------------------------------


def stop(identifier: Identifier, key: str, read: Read) -> saying.No | None:
    """A no in one step: `purpose/channel`, `*/channel` or `*/*` for everything at every address.
    None for a key that means nothing."""
    purpose, _slash, channel = key.partition("/")
    reached = CHANNELS[identifier.kind_id]
    if purpose not in (*ASKABLE, ANY) or (channel not in reached and key != f"{ANY}/{ANY}"):
        return None
    no = saying.No(purpose, channel, everywhere=channel == ANY)
    saying.say_no(identifier, no, via=saying.PAGE, message=read.message)
    return no


def accept(
    identifier: Identifier, keys: list[str], read: Read, *, locale: str, shown: Evidence
) -> list[Words]:
    """Says yes to what was ticked, in the words that were shown; answers what was taken.

    Only by a link that came to the address (GDPR Art. 7(1): it proves who says it). Words that have
    changed since the page was made are not taken: the page comes again with the new ones.
    """
    if not read.mailed or not keys:
        return []
    with transaction.atomic():
        answers.wait_for_turn()
        offered = {each.key: each for each in _offers(identifier, set(), locale)}
        taken = [offered[key] for key in dict.fromkeys(keys) if key in offered]
        for each in taken:
            written = saying.say_yes(
                identifier,
                _registered(each),
                point_id=_point().pk,
                channel=each.channel,
                message=read.message,
            )
            evidence.keep(written, shown)
    return taken


def _registered(shown: Words) -> ConsentText:
    if shown.text:
        return shown.text
    return add_text(
        actor=None,
        name=shown.name,
        body=shown.body,
        purposes=[shown.purpose],
        channels=[shown.channel],
        locale=shown.locale,
        control=ConsentText.Control.UNTICKED_BOX,
        withdrawal_told=True,
    )


def _point() -> CollectionPoint:
    """Foyer's own page: what a yes here means is in the text it names, so nobody need vouch for it."""
    return CollectionPoint.objects.get_or_create(
        key=POINT,
        defaults={
            "name": "Preference page",
            "kind": CollectionPoint.Kind.ACT,
            "verified_by": "Foyer",
            "verified_at": clock.now(),
            "no_is_explicit": True,
        },
    )[0]
