"""From which probability two people are merged without asking, and from which people are asked.

Data, not settings: each change is an act of a person, and can be taken back like any other.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from organisations.audit import verbs as audit
from organisations.models import User
from profiles.models import IdentityAct, MatchSettings

AUTOMATIC, REVIEW = 0.999, 0.5
"""To begin with; the same as in `matching.bands`, which a test sees to."""
LOWEST = 0.5
"""Nobody is asked about a pair that is likelier two people than one."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities. At `automatic` and above pairs are merged by themselves unless something
    speaks against it; from `review` up to there people are asked."""

    automatic: float = AUTOMATIC
    review: float = REVIEW


MOST_OPEN = 2000
"""A month's work for somebody who answers a hundred a day."""


class OutOfOrder(ValueError):
    """Thresholds must be LOWEST <= review <= automatic <= 1."""


def thresholds() -> Thresholds:
    """Those in force in this organisation."""
    newest = _newest()
    return Thresholds(newest.automatic, newest.review) if newest else Thresholds()


def most_open() -> int:
    """How many pairs wait for people at most; the nightly run cuts the queue there, and says so."""
    newest = _newest()
    return newest.most_open if newest else MOST_OPEN


def _newest() -> MatchSettings | None:
    return MatchSettings.objects.filter(lifted_by=None).order_by("-pk").first()


@transaction.atomic
def change(wanted: Thresholds, *, actor: User, reason: str = "", longest: int | None = None) -> IdentityAct:
    """Puts other thresholds in force, from the next matching on. Errors: OutOfOrder.

    `longest` is how many pairs may wait; None leaves that as it is.
    """
    if not LOWEST <= wanted.review <= wanted.automatic <= 1:
        raise OutOfOrder
    before = thresholds()
    evidence = {
        "thresholds": {
            "before": {"automatic": before.automatic, "review": before.review},
            "after": {"automatic": wanted.automatic, "review": wanted.review},
        }
    }
    act = IdentityAct.objects.create(
        kind=IdentityAct.Kind.RULES, actor=actor.email, reason=reason[:240], evidence=evidence
    )
    size = most_open() if longest is None else longest
    MatchSettings.objects.create(automatic=wanted.automatic, review=wanted.review, most_open=size, act=act)
    audit.record(actor=actor, verb="thresholds.changed", target=f"act {act.pk}", summary=evidence)
    return act
