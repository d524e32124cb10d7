"""The privacy lead's home: what waits, what runs by itself, and whether it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from django.db import connection
from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cdp.lib import clock
from consent import overview
from consent.datamap import mapping
from consent.models import (
    BalancingTest,
    ChainHead,
    Comparison,
    ConsentForm,
    Experiment,
    RetentionRule,
    RetentionRun,
    RightsRequest,
)
from consent.registers import standing as registers
from consent.rights import clock as due
from consent.rights.clock import Standing
from organisations import personal_data
from organisations.audit.models import AccessAlert
from organisations.models import Organisation

SHOWN = 6
SOON = timedelta(days=30)
KINDS: dict[str, str | Promise] = {
    "decisions": _("Both forms of the decision"),
    "projection": _("The ledger and what is computed from it"),
    "chain": _("The ledger's seal"),
    "mailchimp": _("The ledger and Mailchimp"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """An open request with its clock."""

    request: RightsRequest
    clock: Standing


@dataclass(frozen=True, slots=True)
class Watch:
    """The newest comparison of one kind; None where there was none yet."""

    label: str | Promise
    found: Comparison | None


@dataclass(frozen=True, slots=True)
class Swept:
    """What the newest night's retention removed of one category."""

    label: str
    run: RetentionRun


def page() -> dict[str, Any]:
    """Everything the page shows; counts are of the whole, lists of the first few."""
    today = _today()
    requests = RightsRequest.objects.filter(closed_at=None)
    points = [line for line in overview.points_with_waiting() if not line.point.is_verified]
    return {
        "requests": [Asked(each, due.standing(each, today)) for each in requests.order_by("due_on")[:SHOWN]],
        "clocks": requests.aggregate(
            open=Count("pk"),
            late=Count("pk", filter=Q(due_on__lt=today)),
            soon=Count("pk", filter=Q(due_on__gte=today, due_on__lte=today + timedelta(days=due.WARNING))),
        ),
        "alerts": AccessAlert.objects.filter(seen_at=None)[:SHOWN],
        "alert_count": AccessAlert.objects.filter(seen_at=None).count(),
        "points": points[:SHOWN],
        "point_count": len(points),
        "waiting": sum(line.waiting for line in points),
        "gaps": mapping.read().gaps(),
        "tests_due": tests_due(today),
        "reasons": overview.why_not(),
    } | running()


def running() -> dict[str, Any]:
    """What goes on by itself."""
    runs = newest_runs()
    return {
        "forms": ConsentForm.objects.exclude(state=ConsentForm.State.CLOSED).order_by("state", "name")[
            :SHOWN
        ],
        "tests": Experiment.objects.filter(state=Experiment.State.RUNNING).select_related("form")[:SHOWN],
        "registers": [each for each in registers.standing() if each.file or each.waiting],
        "swept": runs,
        "swept_rows": sum(each.run.rows for each in runs),
        "paused": RetentionRule.objects.filter(paused=True).count(),
        "watches": watches(),
        "sealed": ChainHead.objects.order_by("-day").first(),
    }


def tests_due(today: date) -> Sequence[BalancingTest]:
    """Balancing tests that wait for somebody's approval, or are to be looked at again soon."""
    live = BalancingTest.objects.filter(retired_at=None)
    return list(live.filter(Q(approved_at=None) | Q(review_on__lte=today + SOON)).order_by("review_on"))


def newest_runs() -> list[Swept]:
    """The newest run of each category that removed something or stopped."""
    labels = {each.key: str(each.label) for each in personal_data.categories()}
    runs = RetentionRun.objects.order_by("category", "-ran_at").distinct("category")
    found = [run for run in runs if run.rows or run.error]
    swept = [Swept(labels.get(run.category, run.category), run) for run in found]
    return sorted(swept, key=lambda each: (not each.run.error, -each.run.rows))


def watches() -> list[Watch]:
    newest = {
        found.kind: found for found in Comparison.objects.order_by("kind", "-at", "-pk").distinct("kind")
    }
    return [
        Watch(label, newest.get(kind))
        for kind, label in KINDS.items()
        if kind in newest or kind != "mailchimp"
    ]


def waiting() -> int:
    """For the menu: requests that are late or soon due, and alerts nobody has seen."""
    soon = _today() + timedelta(days=due.WARNING)
    urgent = RightsRequest.objects.filter(closed_at=None, due_on__lte=soon).count()
    return urgent + AccessAlert.objects.filter(seen_at=None).count()


def _today() -> date:
    here = cast(Organisation, connection.tenant)  # type: ignore[attr-defined]
    return clock.local_date(here.time_zone)
