"""What erasing adds to the other parts of Foyer: declarations, words of the audit log, a schedule."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from cdp.lib import schedules
from consent import stores
from consent.rights import erasing_ledger, erasure
from organisations import personal_data
from organisations.audit import labels
from organisations.personal_data import Category

ROUND = schedules.Schedule(
    name="erasures", task="consent.tasks.go_on_erasing_everywhere", every=dt.timedelta(minutes=10)
)
PROOF = Category(
    key=erasing_ledger.CATEGORY,
    label=_("Last yes and last no of somebody who was erased, under a keyed hash"),
    days=erasing_ledger.PROOF_DAYS,
    ends=_("Each is deleted by itself when its time is over."),
    position=80,
)


def register() -> None:
    stores.register()
    labels.register(erasure.LABELS)
    personal_data.register(PROOF)
    schedules.register(ROUND)
