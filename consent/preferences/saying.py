"""What somebody says by a link, written to the ledger: a no at once and always, a yes with its words.

The stored answers are decided anew in the same transaction (`ledger.record`).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import transaction

from cdp.lib import clock
from consent import answers, ledger
from consent.facts import ANY, POSITIVE, EventType
from consent.models import ConsentEvent, ConsentText
from profiles.models import Identifier, SourceRecord

SYSTEM = "preferences"
ONE_CLICK = "one_click"
PAGE = "preferences"
BY_MAIL = "mail"
OPENS = sorted({kind.value for kind in POSITIVE} | {"DOI_CONFIRMED"})


@dataclass(frozen=True, slots=True)
class No:
    """`purpose` and `channel` may be `*`. With `everywhere` it reaches every address of the person."""

    purpose: str
    channel: str
    everywhere: bool = False

    @property
    def type(self) -> EventType:
        """To one purpose it takes a yes back; to all of them it is an objection (GDPR Art. 21(2))."""
        return EventType.OBJECT if self.purpose == ANY else EventType.WITHDRAW


def say_no(identifier: Identifier, no: No, *, via: str, message: str = "") -> bool:
    """Writes it, unless the same no by a link stands already; answers whether it was written.

    What counts is whether a yes came since: a link in an old mail says no again to somebody
    who has said yes in between.
    """
    with transaction.atomic():
        answers.wait_for_turn()  # the second of two at once sees what the first wrote
        record = _sole_record(identifier) if no.everywhere else None
        if _stands(identifier, no, record):
            return False
        ledger.record(
            ledger.Entry(
                type=no.type,
                purpose=no.purpose,
                channel=no.channel,
                identifier_id=identifier.pk,
                record_id=record.pk if record else None,
                scope="person" if record else "address",
                source_system=SYSTEM,
                source_event_id=f"no:{uuid.uuid4()}",
                occurred_at=clock.now(),
                proof="A",
                campaign_ref=message,
                via=via,
            )
        )
    return True


def _stands(identifier: Identifier, no: No, record: SourceRecord | None) -> bool:
    said = ConsentEvent.objects.filter(identifier=identifier)
    same = said.filter(
        source_system=SYSTEM,
        type=no.type,
        purpose=no.purpose,
        channel=no.channel,
        scope="person" if record else "address",
    )
    last = same.order_by("-position").first()
    if last is None or ConsentEvent.objects.filter(identifier=identifier, target=last).exists():
        return False
    return not said.filter(position__gt=last.position, type__in=OPENS).exists()


def _sole_record(identifier: Identifier) -> SourceRecord | None:
    """A record of the one person who uses the address; None where several do: a link cannot tell
    which of them says no, so it closes the address and nobody's other addresses."""
    records = SourceRecord.objects.filter(recordidentifier__identifier=identifier)
    people = records.values_list("profile_id", flat=True).distinct()[:2]
    if len(people) != 1 or identifier.state == Identifier.State.SHARED:
        return None
    return records.order_by("-observed_at", "-pk").first()


def say_yes(
    identifier: Identifier, text: ConsentText, *, point_id: int, channel: str, message: str = ""
) -> list[int]:
    """One proven act for every purpose of the text; answers the positions in the ledger."""
    act, moment = uuid.uuid4(), clock.now()
    written = [
        ledger.record(
            ledger.Entry(
                type=EventType.GRANT,
                purpose=purpose,
                channel=channel,
                identifier_id=identifier.pk,
                source_system=SYSTEM,
                source_event_id=f"yes:{act}",
                occurred_at=moment,
                proof="A",
                point_id=point_id,
                text_id=text.pk,
                campaign_ref=message,
                via=PAGE,
            )
        )
        for purpose in text.purposes
    ]
    return [position for position in written if position is not None]
