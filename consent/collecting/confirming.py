"""Double opt-in: a click in a mail opens what was said in the address's name (CONSENT.md 2.13).

The mail holds no advertising and one link. Mail scanners follow links, so that opening it changes
nothing: the page has a button, and that confirms.
"""

from __future__ import annotations

import logging
import secrets
import smtplib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum

from cdp.lib import clock, crypto
from cdp.lib.tenancy import current_schema
from consent import house, ledger
from consent.collecting import evidence, mailing
from consent.collecting.evidence import Evidence
from consent.collecting.versions import override_note
from consent.experiments import exposure
from consent.facts import EventType
from consent.models import Confirmation, ConsentForm, ConsentState, ConsentText
from consent.rules import CountryRules
from organisations import oneway
from profiles.models import Identifier

log = logging.getLogger(__name__)

LAPSES = timedelta(days=7)
BETWEEN_MAILS = timedelta(minutes=5)
MOST_MAILS = 3
"""For one request; an address gets `MOST_A_DAY` in 24 hours whatever is asked."""
MOST_A_DAY = 5
NO = (ConsentState.State.REFUSED, ConsentState.State.WITHDRAWN)


def is_needed(form: ConsentForm, country: CountryRules) -> bool:
    """Whether a yes by e-mail opens only with a click."""
    if form.double_optin == ConsentForm.Confirming.PAID:
        return False
    always = form.double_optin == ConsentForm.Confirming.ALWAYS or house.settings().confirm_always
    return country.doi or always


def ask(
    served: Any,
    contact: Identifier,
    answers: Sequence[Mapping[str, object]],
    *,
    guardian: str = "",
    at: datetime,
) -> Confirmation:
    """Asks the address, or a child's guardian, to confirm; the mail goes out after the commit.

    `served` is a `serving.Served`. Who asks for the same again while a link is open gets
    the mail once more, not a second request; so often as `mail` allows.
    """
    from consent.tasks import mail_confirmation

    listed = [dict(answer) for answer in answers]
    waiting = Confirmation.objects.select_for_update().filter(
        identifier=contact, version=served.version, confirmed_at=None, expires_at__gt=at
    )
    found = next((each for each in waiting if each.answers == listed), None)
    if found is None:
        found = Confirmation.objects.create(
            identifier=contact,
            version=served.version,
            token_hash=oneway.digest(secrets.token_hex()),
            answers=listed,
            guardian_sealed=crypto.seal(current_schema(), guardian) if guardian else "",
            locale=served.locale,
            variant=served.mark,
            unit=served.unit_hash,
            asked_at=at,
            expires_at=at + LAPSES,
        )
    mail_confirmation.delay_on_commit(found.pk)  # type: ignore[attr-defined]  # OrgTask has it
    return found


def mail(confirmation_id: int) -> bool:
    """Sends the link, a new one each time; the former stops working. False where it may not go out now."""
    with transaction.atomic():
        asked = Confirmation.objects.select_for_update(of=("self",)).filter(pk=confirmation_id).first()
        if asked is None or not _may_mail(asked):
            return False
        token = oneway.make()
        asked.token_hash = oneway.digest(token)
        asked.mailed_at, asked.mails = clock.now(), asked.mails + 1
        asked.save(update_fields=["token_hash", "mailed_at", "mails"])
        try:
            mailing.send(asked, token)
        except (OSError, smtplib.SMTPException) as error:
            log.error("A confirmation could not be mailed: %s", type(error).__name__)
            transaction.set_rollback(True)
            return False
    return True


def _may_mail(asked: Confirmation) -> bool:
    now = clock.now()
    if asked.confirmed_at or asked.expires_at <= now or asked.mails >= MOST_MAILS:
        return False
    if asked.mailed_at and asked.mailed_at > now - BETWEEN_MAILS:
        return False
    lately = Confirmation.objects.filter(
        identifier=asked.identifier_id, mailed_at__gt=now - timedelta(days=1)
    )
    return (lately.aggregate(sent=Sum("mails"))["sent"] or 0) < MOST_A_DAY


def mail_waiting() -> int:
    """Sends what could not be sent when it was asked for; answers how many went out."""
    waiting = Confirmation.objects.filter(mails=0, confirmed_at=None, expires_at__gt=clock.now())
    return sum(mail(pk) for pk in waiting.values_list("pk", flat=True)[:200])


@dataclass(frozen=True, slots=True)
class Found:
    """What a link leads to. `texts` are the words that the click says yes to."""

    confirmation: Confirmation
    texts: Sequence[ConsentText]

    @property
    def state(self) -> str:
        if self.confirmation.confirmed_at:
            return "confirmed"
        return "lapsed" if self.confirmation.expires_at <= clock.now() else "open"


def find(token: str) -> Found | None:
    asked = (
        Confirmation.objects.select_related("version__form", "identifier")
        .filter(token_hash=oneway.digest(token))
        .first()
    )
    if asked is None:
        return None
    texts = ConsentText.objects.in_bulk([answer["text"] for answer in asked.answers])
    return Found(asked, list(texts.values()))


def confirm(asked: Confirmation, seen: Evidence) -> int:
    """Opens what was asked; answers how many permissions. Again, or too late: 0.

    What the person has said no to since is left out: the newer answer stands.
    """
    with transaction.atomic():
        now = clock.now()
        claimed = Confirmation.objects.filter(pk=asked.pk, confirmed_at=None, expires_at__gt=now)
        if claimed.update(confirmed_at=now) != 1:
            return 0
        asked.refresh_from_db()
        written = [_record(asked, answer, now) for answer in asked.answers if not _refused(asked, answer)]
        positions = [position for position in written if position is not None]
        evidence.keep(positions, seen, token_hash=asked.token_hash)
        if asked.unit and positions:
            exposure.confirmed(
                asked.version.form, bytes(asked.unit), now, identifier_ids=[asked.identifier_id]
            )
    return len(positions)


def _refused(asked: Confirmation, answer: Mapping[str, Any]) -> bool:
    covering = Q(purpose__in=[answer["purpose"], "*"], channel__in=[answer["channel"], "*"])
    nos = ConsentState.objects.filter(covering, identifier=answer["identifier"], state__in=NO)
    return nos.filter(since__gte=asked.asked_at).exists()


def _record(asked: Confirmation, answer: Mapping[str, Any], now: datetime) -> int | None:
    form = asked.version.form
    return ledger.record(
        ledger.Entry(
            type=EventType.DOI_CONFIRMED,
            purpose=answer["purpose"],
            channel=answer["channel"],
            source_system="foyer",
            source_event_id=f"confirmation:{asked.uid}",
            identifier_id=answer["identifier"],
            occurred_at=now,
            kind="act",
            proof="A",
            point_id=form.point_id,
            text_id=answer["text"],
            experiment_variant=asked.variant,
            guardian=bool(asked.guardian_sealed),
            via="confirmation_link",
            note=override_note(asked.version),
        )
    )


def wait_of(forms: Collection[int]) -> Mapping[int, int]:
    """How many wait for their click, by form."""
    open_now = Confirmation.objects.filter(
        version__form__in=forms, confirmed_at=None, expires_at__gt=clock.now()
    )
    counts: dict[int, int] = {}
    for form_id in open_now.values_list("version__form", flat=True):
        counts[form_id] = counts.get(form_id, 0) + 1
    return counts
