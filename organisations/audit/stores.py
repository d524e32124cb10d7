"""What erasing does to the logs of who did what and who looked: they name nobody, so they stay."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organisations import personal_data
from organisations.audit.models import AccessAlert, AccessEntry
from organisations.personal_data import Doing, Free, Store, Subject

STAFF = "name of a colleague"
CODE = "one of a fixed list of words"


def _looks_at(subject: Subject) -> int:
    """Only counted: the log is append-only, and a number without a profile says nothing of a person."""
    if not subject.profiles:
        return 0
    return AccessEntry.objects.filter(profile_ids__overlap=list(subject.profiles)).count()


LOOKS = Store(
    model="audit.AccessEntry",
    label=_("Log of who looked at whom, by number"),
    category="access_log",
    personal=("profile_ids",),
    doing=Doing.KEEP,
    erase=_looks_at,
    order=5,
    why=_("Proves how the data was protected (Art. 5(2), 32); the numbers lead to nobody any more."),
    plain={
        "user_label": STAFF, "role": CODE, "screen": CODE, "purpose": CODE,
        "fields": "names of groups of fields",
        "request_id": "number of a web request",
    },
)  # fmt: skip
DONE = Store(
    model="audit.AuditEntry",
    label=_("Log of what colleagues did"),
    category="access_log",
    personal=(),
    doing=Doing.KEEP,
    why=_("Says what was done, never to whom by name (Art. 5(2))."),
    plain={
        "actor_label": STAFF, "role": CODE, "verb": CODE, "target": "a number or a public id",
        "summary": "counts and settings, never anybody's values",
    },
)  # fmt: skip


def _alert_notes(subject: Subject) -> int:
    """What the privacy lead wrote about a look at the person."""
    if not subject.profiles:
        return 0
    looks = AccessEntry.objects.filter(profile_ids__overlap=list(subject.profiles)).values("pk")
    return AccessAlert.objects.filter(entry_id__in=looks).exclude(note="").update(note="")


ALERTS = Store(
    model="audit.AccessAlert",
    label=_("Odd looks: what the privacy lead noted"),
    category="access_log",
    personal=("note",),
    doing=Doing.ANONYMISE,
    erase=_alert_notes,
    order=5,
    why=_("That a colleague looked stays, and goes with the log."),
    plain={"kind": CODE, "user_label": STAFF, "seen_by": STAFF},
)


def register() -> None:
    personal_data.register(
        LOOKS,
        DONE,
        ALERTS,
        Free("audit.LookPurpose", "settings"),
    )
