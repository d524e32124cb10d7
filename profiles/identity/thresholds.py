"""From which probability two people are merged without asking, and from which people are asked.

Data, not settings: each change is an act of a person, and can be taken back like any other.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from organisations.audit import verbs as audit
from organisations.models import User
from profiles.identity.matching import bands
from profiles.models import IdentityAct, MatchSettings

LOWEST = 0.5
"""Nobody is asked about a pair that is likelier two people than one."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities. At `automatic` and above pairs are merged by themselves unless something
    speaks against it; from `review` up to there people are asked."""

    automatic: float = bands.AUTOMATIC
    review: float = bands.REVIEW


class OutOfOrder(ValueError):
    """Thresholds must be LOWEST <= review <= automatic <= 1."""


def thresholds() -> Thresholds:
    """Those in force in this organisation."""
    newest = MatchSettings.objects.filter(lifted_by=None).order_by("-pk").first()
    return Thresholds(newest.automatic, newest.review) if newest else Thresholds()


@transaction.atomic
def change(wanted: Thresholds, *, actor: User, reason: str = "") -> IdentityAct:
    """Puts other thresholds in force, from the next matching on. Errors: OutOfOrder."""
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
    MatchSettings.objects.create(automatic=wanted.automatic, review=wanted.review, act=act)
    audit.record(actor=actor, verb="thresholds.changed", target=f"act {act.pk}", summary=evidence)
    return act
