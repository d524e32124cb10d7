"""What Mailchimp was told about people who are merged or taken apart, and how it is put right.

Nothing is sent from here. A plan compares what is there with what should be, so the next
one tags, untags and updates by itself; one that waits to be looked at and no longer fits
is out of date at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Now
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cdp.lib import sql
from integrations.mailchimp import words
from integrations.mailchimp.models import AudienceMember, Plan, PlanState, Status
from integrations.mailchimp.push import work_out
from integrations.mailchimp.settings import AudienceSettings
from integrations.models import Connection
from profiles.identity import consequences
from profiles.identity.consequences import Consequence, Line, Records, Tone
from profiles.models import Identifier

SLUG = "mailchimp"
TAGS = 3
"""So many tags are named on a line."""
WAITING = (PlanState.DRAFT, PlanState.APPROVED)


@dataclass(frozen=True, slots=True)
class Standing:
    """One address in one audience: what was sent there, and what the next plan would do."""

    audience: str
    address: str
    sent: str
    step: str
    tone: Tone


Standings = dict[tuple[int, int], Standing]


def look(records: Records) -> Standings:
    """Every address of these records in every audience. Empty where no audience is connected."""
    connections = list(Connection.objects.filter(connector=SLUG))
    if not connections:
        return {}
    addresses = dict(
        Identifier.objects.filter(kind="email", recordidentifier__record__in=list(records)).values_list(
            "pk", "value"
        )
    )
    found: Standings = {}
    for connection in connections:
        found |= _in_audience(connection, addresses)
    return found


def _in_audience(connection: Connection, addresses: dict[int, str]) -> Standings:
    members = {
        member.identifier_id: member
        for member in AudienceMember.objects.filter(connection=connection, identifier__in=addresses)
    }
    steps = _steps(connection, list(addresses))
    return {
        (connection.pk, pk): Standing(connection.name, address, _sent(members.get(pk)), *_told(steps.get(pk)))
        for pk, address in addresses.items()
        if pk in members or pk in steps
    }


def _steps(connection: Connection, ids: list[int]) -> dict[int, dict[str, object]]:
    """What a plan made now would do to these contacts."""
    with transaction.atomic():
        work_out(AudienceSettings.of(connection), ids)
        rows = sql.rows("integrations/mailchimp/fresh")
    return {int(row["identifier_id"]): row for row in rows if row["action"] != "skip"}


def _sent(member: AudienceMember | None) -> str:
    """What has left the house: status and tags as they are there, and when we last wrote."""
    if member is None or not member.status_remote:
        return ""
    parts = [str(Status(member.status_remote).label), *_tags("#", list(member.tags_pushed))]
    if member.last_pushed_at:
        day = formats.date_format(timezone.localtime(member.last_pushed_at), "SHORT_DATE_FORMAT")
        parts.append(_("sent %(day)s") % {"day": day})
    return " · ".join(parts)


def _told(step: dict[str, object] | None) -> tuple[str, Tone]:
    if step is None:
        return _("Nothing to correct"), ""
    label, _help, _icon = words.ACTIONS[str(step["action"])]
    return " · ".join(
        [str(label), *_tags("+", _list(step["tag"])), *_tags("−", _list(step["untag"]))]
    ), "warn"


def _tags(sign: str, names: list[str]) -> list[str]:
    """The first few by name, the others counted."""
    told = [f"{sign} {name}" for name in names[:TAGS]]
    more = len(names) - TAGS
    return [*told, _("%(sign)s %(more)d more") % {"sign": sign, "more": more}] if more > 0 else told


def _list(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def compare(before: Standings, after: Standings) -> list[Line]:
    """Per address and audience: what was sent, and the correction that the next plan will make."""
    return [
        Line(
            subject=there.address,
            what=there.audience,
            before=there.sent,
            after=there.step,
            note=_("The next plan puts it right.") if there.tone == "warn" else "",
            tone=there.tone,
            icon="send",
            changed=there.step != (before[key].step if key in before else ""),
        )
        for key, there in sorted(after.items(), key=lambda each: (each[1].audience, each[1].address))
    ]


def settle(profile_ids: Sequence[int]) -> None:
    """A plan that waits and says something else about these people than the facts do now is out of date."""
    waiting = Plan.objects.filter(state__in=WAITING)
    if not waiting.exists():
        return
    contacts = sql.rows("consent/people_contacts", {"profile_ids": list(profile_ids)})
    ids = [row["identifier_id"] for row in contacts]
    for plan in waiting.select_related("run__connection"):
        if _no_longer_fits(plan, ids):
            Plan.objects.filter(pk=plan.pk, state__in=WAITING).update(
                state=PlanState.EXPIRED,
                finished_at=Now(),
                reason=_("People in it were merged or taken apart since. Make a new one."),
            )


def _no_longer_fits(plan: Plan, ids: list[int]) -> bool:
    with transaction.atomic():
        work_out(AudienceSettings.of(plan.run.connection), ids)
        return bool(sql.value("integrations/mailchimp/changed", {"plan": plan.pk, "ids": ids}))


def register() -> None:
    consequences.register(
        Consequence(
            "mailchimp",
            gettext_lazy("What has left the house"),
            "send",
            look=look,
            compare=compare,
            settle=settle,
            position=40,
        )
    )
