"""What the audit page calls this room's verbs, and what operators see of its health."""

from django.utils.translation import gettext_lazy as _

from organisations.audit import labels
from organisations.health import Check, Reading
from organisations.health import register as register_check

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
    "rows.downloaded": _("Held rows downloaded"),
    "people.uploaded": _("File uploaded by hand"),
    "people.exported": _("Exported by hand"),
}


def morning() -> Reading:
    """Alarms are counted, not told: their words name the organisation's systems."""
    from integrations.models import Alarm, Run

    alarms = list(Alarm.objects.open().values_list("opened_at", flat=True))
    if alarms:
        return Reading("bad", len(alarms), min(alarms))
    newest = Run.objects.filter(state="done").newest_first().first()
    if newest is None:
        return Reading("unknown", _("no run yet"))
    return Reading("good", _("all well"), newest.finished_at)


def register() -> None:
    labels.register(VERBS)
    register_check(Check("morning", _("Morning run"), morning, position=10))
