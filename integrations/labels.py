"""What the audit page calls this room's verbs, and what operators see of its health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from organisations.audit import labels
from organisations.health import Check, Reading
from organisations.health import register as register_check

if TYPE_CHECKING:
    from integrations.models import Alarm

VERBS = {
    "connection.created": _("System connected"),
    "connection.changed": _("Connection changed"),
    "connection.enabled": _("Connection switched on"),
    "connection.disabled": _("Connection switched off"),
    "connection.webhook_renewed": _("New address for webhooks"),
    "run.started": _("Run started"),
    "run.cancelled": _("Run cancelled"),
    "run.retried": _("Run tried again"),
    "run.approved": _("Plan approved"),
    "run.undone": _("Run undone"),
    "row.corrected": _("Row corrected"),
    "row.dismissed": _("Row put away"),
    "row.brought_back": _("Row brought back"),
    "rows.downloaded": _("Held rows downloaded"),
    "people.uploaded": _("File uploaded by hand"),
    "people.exported": _("Exported by hand"),
    "file.uploaded": _("File uploaded"),
    "mapping.saved": _("Columns saved"),
    "plan.approved": _("Plan sent"),
    "plan.retried": _("Refused contacts tried again"),
}


def morning() -> Reading:
    """Alarms are counted, not told: their words name the organisation's systems."""
    from integrations.models import Alarm, Run

    alarms = list(Alarm.objects.standing().select_related("run"))
    if alarms:
        words = ngettext("%(n)d alarm", "%(n)d alarms", len(alarms)) % {"n": len(alarms)}
        return Reading("bad" if any(map(_is_broken, alarms)) else "warning", words, alarms[0].opened_at)
    newest = Run.objects.filter(state="done").newest_first().first()
    if newest is None:
        return Reading("unknown", _("no run yet"))
    return Reading("good", _("all well"), newest.finished_at)


def _is_broken(alarm: Alarm) -> bool:
    """Nothing came, or a run stands still; a plan that waits to be read is no fault."""
    return alarm.kind in ("late", "empty") or (alarm.run is not None and alarm.run.state == "failed")


def register() -> None:
    labels.register(VERBS)
    register_check(Check("morning", _("Morning run"), morning, position=10))
