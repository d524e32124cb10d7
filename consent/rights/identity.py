"""Whether whoever asks is the person it is about (CONSENT.md 3.1, GDPR Art. 12(6)).

A link proves the address it was sent to. A second fact that the house knows anyway, or a colleague
who knows the person, proves the person. Nobody is asked for an identity card. A fact is
compared and never shown, and there are few tries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import dateparse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.models import RequestNote, RightsRequest
from consent.rights import objection, verbs
from consent.rights.verbs import NotPossible
from organisations.models import User
from profiles.models import Identifier, Profile, SourceRecord

Identity = RightsRequest.Identity
State = RightsRequest.State
TRIES = 5
"""Wrong answers that a request stands; after them only a link or a colleague proves anything."""

Records = QuerySet[SourceRecord]


def _order(records: Records, said: str) -> Records:
    number = said.lstrip("#").strip()
    return records.filter(order__external_id__in={number, number.upper(), number.lower()} - {""})


def _birth(records: Records, said: str) -> Records:
    day = _day(said)
    return records.filter(birth_date=day) if day else records.none()


def _day(said: str) -> date | None:
    """2 December 1975 as 1975-12-02 or 02.12.1975."""
    parts = said.replace("/", ".").replace(" ", "").split(".")
    text = "-".join(reversed(parts)) if len(parts) == 3 else said.strip()
    year, *rest = text.split("-")
    try:
        return dateparse.parse_date("-".join([year, *(part.zfill(2) for part in rest)]))
    except ValueError:
        return None


def _postcode(records: Records, said: str) -> Records:
    wanted = "".join(said.split()).upper()
    same = [pk for pk, code in records.values_list("pk", "postal_code") if _plain(code) == wanted]
    return records.filter(pk__in=same) if wanted else records.none()


def _plain(code: str) -> str:
    return "".join(code.split()).upper()


def _customer_number(records: Records, said: str) -> Records:
    shown = Q(
        recordidentifier__identifier__kind="customer_number",
        recordidentifier__identifier__value=said.strip(),
    ) | Q(external_id=said.strip())
    return records.filter(shown) if said.strip() else records.none()


FACTS: Mapping[str, tuple[str | Promise, Callable[[Records, str], Records]]] = {
    "order": (gettext_lazy("Number of an order"), _order),
    "birth": (gettext_lazy("Date of birth"), _birth),
    "postcode": (gettext_lazy("Postcode of their address"), _postcode),
    "customer": (gettext_lazy("Customer number"), _customer_number),
}


def prove_by_fact(*, request: RightsRequest, fact: str, said: str, actor: User) -> bool:
    """Whether what the person said is so. If it is, the whole person is proven.

    Where a mailbox of several people was used, the fact also says which of them asks; one that is
    true of two of them says nothing. Errors: NotPossible after too many tries.
    """
    if fact not in FACTS:
        raise NotPossible(_("There is no such fact."))
    with verbs.turn():
        found = verbs.held(request)
        if RequestNote.objects.filter(request=found, verb="identity.failed").count() >= TRIES:
            raise NotPossible(
                _("Too many wrong answers. Send a link, or let a colleague who knows them vouch.")
            )
        people = _behind(found, fact, said)
        if len(people) != 1:
            verbs.note(found, actor, "identity.failed", fact)
            return False
        _proven(found, Identity.SECOND_FACT, person=people[0], words=fact, actor=actor)
    request.refresh_from_db()
    return True


def _behind(request: RightsRequest, fact: str, said: str) -> list[Profile]:
    """Whom the fact is true of, among those who may be asking: two at most."""
    if request.profile_id or request.records:
        among = SourceRecord.objects.filter(Q(profile=request.profile_id) | Q(pk__in=request.records))
    else:
        among = SourceRecord.objects.filter(recordidentifier__identifier=request.proven_id)
        among = SourceRecord.objects.filter(profile__in=among.values("profile"))
    _label, matching = FACTS[fact]
    true_of = matching(among, said).values("profile")
    return list(Profile.objects.filter(pk__in=true_of)[:2])


def vouch(*, request: RightsRequest, words: str, actor: User) -> None:
    """A colleague knows the person, or has seen them at the counter, and says how. Errors: NotPossible."""
    words = words.strip()
    if not words:
        raise NotPossible(_("Say how you know that it is them."))
    with verbs.turn():
        found = verbs.held(request)
        if not (found.profile_id or found.records):
            raise NotPossible(_("Choose whom the request is about first."))
        _proven(found, Identity.KNOWN, person=found.profile, words=words, actor=actor)
    request.refresh_from_db()


def prove_by_link(*, request: RightsRequest, identifier: Identifier) -> None:
    """The person opened a link that went to this address. It proves the address and nothing else.

    What was proven better stays so.
    """
    with verbs.turn():
        found = verbs.held(request)
        if found.identity == Identity.UNPROVEN:
            found.proven = identifier
            found.save(update_fields=["proven"])
            _proven(found, Identity.LINK, person=found.profile, words="", actor=None)
    request.refresh_from_db()


def say_who(*, request: RightsRequest, person: Profile, actor: User) -> None:
    """Whom a request is about that came without a person. Nothing is proven by it."""
    with verbs.turn():
        found = verbs.held(request)
        if found.profile_id or found.records:
            raise NotPossible(_("This request is about somebody already."))
        found.profile = person
        found.records = list(SourceRecord.objects.filter(profile=person).values_list("pk", flat=True))
        found.save(update_fields=["profile", "records"])
        verbs.note(found, actor, "request.about")
        objection.take_effect(found)
    request.refresh_from_db()


def _proven(
    request: RightsRequest, how: Identity, *, person: Profile | None, words: str, actor: User | None
) -> None:
    request.identity, request.identity_note = how, words[:240]
    if person:
        request.profile = person
        request.records = list(SourceRecord.objects.filter(profile=person).values_list("pk", flat=True))
    if request.state in (State.RECEIVED, State.IDENTITY):
        request.state = State.SCOPED
    request.save()
    verbs.told(request, actor, "request.identified", how.value, how=how.value)
    objection.take_effect(request)
