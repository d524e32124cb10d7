"""The way in for everything people ask about their data, from whichever side it comes."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.db.models import Q

from cdp.lib import clock, crypto
from cdp.lib.tenancy import current_schema
from consent.facts import ANY
from consent.models import RightsRequest
from consent.rights import clock as due
from consent.rights import objection, verbs
from organisations.models import User
from profiles.models import Identifier, Profile, SourceRecord

Kind = RightsRequest.Kind
State = RightsRequest.State
Identity = RightsRequest.Identity


def open_request(
    kind: str,
    *,
    person: Profile | None,
    came_by: str,
    received_at: dt.datetime,
    letter: str = "",
    proven: Identifier | None = None,
    actor: User | None = None,
    purpose: str = ANY,
) -> RightsRequest:
    """Opens a request, or joins the open one of the same kind by the same person.

    `person` is who it is about as far as somebody knows, None for somebody nothing is known
    of. `proven` is the address whose link was used; without `person` it is whoever alone
    shows it. `letter` is what the person wrote, sealed from here on. An objection, and
    an erasure as one, takes effect in the same transaction; `purpose` narrows an objection.
    """
    with verbs.turn():  # one at a time, so that two at once see each other, and the second joins
        person = person or _only_one_behind(proven)
        request = _open_already(kind, person, proven)
        if request:
            _join(request, letter, proven, actor)
        else:
            request = _new(kind, person, came_by, received_at, letter, proven, actor)
        _objects_to(request, purpose)
        objection.take_effect(request)
    return request


def _new(
    kind: str,
    person: Profile | None,
    came_by: str,
    received_at: dt.datetime,
    letter: str,
    proven: Identifier | None,
    actor: User | None,
) -> RightsRequest:
    zone = connection.tenant.time_zone  # type: ignore[attr-defined]
    request = RightsRequest.objects.create(
        kind=kind,
        state=State.SCOPED if proven else State.IDENTITY,
        came_by=came_by,
        received_at=min(received_at, clock.now()),
        due_on=due.due_on(min(received_at, clock.now()), zone),
        identity=Identity.LINK if proven else Identity.UNPROVEN,
        profile=person,
        records=_records_of(person),
        proven=proven,
        letter=sealed(letter),
        entered_by=str(actor) if actor else "",
    )
    verbs.told(request, actor, "request.received", came_by=came_by, due=str(request.due_on))
    return request


def _join(request: RightsRequest, letter: str, proven: Identifier | None, actor: User | None) -> None:
    """Asked again while the first is open: the first date counts, and what was written stays together."""
    if letter.strip():
        request.letter = sealed("\n\n".join(filter(None, (unsealed(request.letter), letter.strip()))))
    if proven and request.identity == Identity.UNPROVEN:
        request.proven, request.identity, request.state = proven, Identity.LINK, State.SCOPED
    request.save()
    verbs.note(request, actor, "request.repeated")


def _objects_to(request: RightsRequest, purpose: str) -> None:
    purposes = request.decisions.get("objects_to", [])
    if request.kind in objection.KINDS and purpose not in purposes:
        request.decisions = request.decisions | {"objects_to": [*purposes, purpose]}
        request.save(update_fields=["decisions"])


def _open_already(kind: str, person: Profile | None, proven: Identifier | None) -> RightsRequest | None:
    """The open request of this kind by this person. One through a link joins that of the same address or
    an unproven one, so that one address's proof never widens what another's has shown."""
    requests = RightsRequest.objects.select_for_update().filter(kind=kind, closed_at=None).order_by("pk")
    records = _records_of(person)
    about = requests.filter(Q(profile=person) | Q(records__overlap=records)) if person else requests.none()
    if proven is None:
        return about.first()
    return requests.filter(proven=proven).first() or about.filter(proven=None).first()


def _only_one_behind(proven: Identifier | None) -> Profile | None:
    if proven is None:
        return None
    behind = Profile.objects.filter(sourcerecord__recordidentifier__identifier=proven).distinct()[:2]
    return behind[0] if len(behind) == 1 else None


def _records_of(person: Profile | None) -> list[int]:
    return list(SourceRecord.objects.filter(profile=person).values_list("pk", flat=True)) if person else []


def sealed(text: str) -> str:
    """For this organisation's eyes."""
    return crypto.seal(current_schema(), text.strip()) if text.strip() else ""


def unsealed(text: str) -> str:
    return crypto.unseal(current_schema(), text) if text else ""
