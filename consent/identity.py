"""What merging and taking apart do to permissions (CONSENT.md 2.7, 2.8).

Nothing is moved and nothing is restored: events hang on addresses and, person-wide nos, on
records. Whoever the records belong to, the ledger is replayed, so a no always survives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cdp.lib import sql
from consent import answers, explain, gather, names, panels
from consent.models import ContactUse
from profiles.identity import consequences
from profiles.identity.consequences import Consequence, Line, Records, Tone
from profiles.models import Identifier

NOT_KNOWN = ("NO_BASIS", "SERVICE_WITHOUT_ORDER", "NO_SALE")
TAILORED = "profiling"
SENT = "sent"


@dataclass(frozen=True, slots=True)
class Stand:
    """How one question about one contact point is answered."""

    subject: str
    what: str | Promise
    icon: str
    answer: str | Promise
    why: str
    tone: Tone


Stands = dict[tuple[int, str], Stand]


def look(records: Records) -> Stands:
    """Every question about every contact point that these records show, as the ledger answers it now."""
    points = list(
        Identifier.objects.filter(kind__in=list(gather.CHANNELS), recordidentifier__record__in=list(records))
        .distinct()
        .order_by("kind", "value")
    )
    found: Stands = {}
    for told in explain.explain(points):
        found[told.identifier.pk, told.question] = _stand(told)
        if told.may and told.question != "service":
            found.setdefault((told.identifier.pk, TAILORED), _tailored(told))
    return found | _sent(points)


def _stand(told: explain.Explained) -> Stand:
    answer, tone = _answer(told)
    return Stand(
        told.identifier.value,
        panels.HEADS[told.question],
        panels.ICONS[told.channel],
        answer,
        told.text,
        tone,
    )


def _answer(told: explain.Explained) -> tuple[Promise, Tone]:
    if told.may:
        return _("Yes"), "good"
    return (_("Not known"), "") if told.decision.reason in NOT_KNOWN else (_("No"), "bad")


def _tailored(told: explain.Explained) -> Stand:
    """The person-level purpose: a no of either side is the person's."""
    refused = "NO_PROFILING" in told.decision.flags
    return Stand(
        told.identifier.value,
        names.purpose(TAILORED),
        "sparkles",
        _("No") if refused else _("Not refused"),
        "",
        "bad" if refused else "",
    )


def _sent(points: Sequence[Identifier]) -> Stands:
    """When marketing last went there: it has left the house and does not come back."""
    by_id = {point.pk: point for point in points}
    uses = ContactUse.objects.filter(identifier__in=points).order_by("identifier", "channel")
    return {
        (use.identifier_id, f"{SENT} {use.channel}"): Stand(
            by_id[use.identifier_id].value,
            _("Marketing last sent"),
            "send",
            formats.date_format(timezone.localtime(use.last_used_at), "SHORT_DATE_FORMAT"),
            "",
            "",
        )
        for use in uses
    }


def compare(before: Stands, after: Stands) -> list[Line]:
    """One line per contact point and question: as it is, and as the ledger will answer.

    Tailored content is told only where something may be sent both now and then.
    """
    both = before.keys() & after.keys()
    told = [key for key in before.keys() | after.keys() if key[1] != TAILORED or key in both]
    told.sort(key=lambda key: _place(key, (after.get(key) or before[key]).subject))
    return [_line(before.get(key), after.get(key)) for key in told]


QUESTIONS = (*explain.QUESTIONS, TAILORED)


def _place(key: tuple[int, str], subject: str) -> tuple[bool, str, int, str]:
    """E-mail first, by address, then by question."""
    question = key[1]
    position = QUESTIONS.index(question) if question in QUESTIONS else len(QUESTIONS)
    return "@" not in subject, subject, position, question


def _line(before: Stand | None, after: Stand | None) -> Line:
    shown = after or before
    assert shown is not None
    return Line(
        subject=shown.subject,
        what=shown.what,
        before=before.answer if before else "",
        after=after.answer if after else "",
        note=after.why if after else "",
        tone=after.tone if after else "",
        icon=shown.icon,
    )


def settle(profile_ids: Sequence[int]) -> None:
    """Decides anew for every contact point of these people, in the transaction that changed who they are."""
    rows = sql.rows("consent/people_contacts", {"profile_ids": list(profile_ids)})
    answers.refresh(identifier_ids=[row["identifier_id"] for row in rows])


def register() -> None:
    consequences.register(
        Consequence(
            "permissions",
            _("Permissions"),
            "shield-check",
            look=look,
            compare=compare,
            settle=settle,
            position=10,
        )
    )
