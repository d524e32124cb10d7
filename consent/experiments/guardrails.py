"""What a better asking form must not cost (CONSENT.md 4.2): purchases, regret, complaints, understanding.

A variant does harm where a one-sided z test at 5 % beside the first variant says so. Small
numbers make that test call harm sooner than an exact one would: here the safer error.
Two of them bar a promotion until the privacy lead overrides with a reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.experiments.results import Arm, Results
from consent.experiments.statistics import ALPHA, Counted, rise_test


@dataclass(frozen=True, slots=True)
class Guardrail:
    """`good` says which way is good: +1 more, -1 less. `bars` a promotion where it does harm."""

    key: str
    label: Promise
    explanation: Promise
    count: Callable[[Arm], Counted]
    good: int
    bars: bool = False


GUARDRAILS = (
    Guardrail(
        "bought",
        _("Completed the purchase"),
        _("The question must not drive buyers away."),
        lambda arm: Counted(arm.bought, arm.served),
        good=1,
    ),
    Guardrail(
        "withdrawn_30",
        _("Took it back within 30 days"),
        _("Of those who said yes. A yes that is regretted was not a real one."),
        lambda arm: Counted(arm.yeses.within_30, arm.yeses.yeses),
        good=-1,
        bars=True,
    ),
    Guardrail(
        "withdrawn_90",
        _("Took it back within 90 days"),
        _("Of those who said yes."),
        lambda arm: Counted(arm.yeses.within_90, arm.yeses.yeses),
        good=-1,
    ),
    Guardrail(
        "complained",
        _("Complained of spam"),
        _("Of those who said yes."),
        lambda arm: Counted(arm.yeses.complained, arm.yeses.yeses),
        good=-1,
    ),
    Guardrail(
        "understood",
        _("Knew what they agreed to"),
        _("One question, asked of 2 in 100: “What did you just agree to?”"),
        lambda arm: Counted(arm.understood, arm.asked),
        good=1,
        bars=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One guardrail of one variant beside the first.

    `p` is one-sided, that it is worse; None where nothing was counted.
    """

    guardrail: Guardrail
    arm: Arm
    counted: Counted
    p: float | None

    @property
    def harms(self) -> bool:
        return self.p is not None and self.p < ALPHA


def read(guardrail: Guardrail, arm: Arm, control: Arm) -> Reading:
    here, there = guardrail.count(arm), guardrail.count(control)
    if arm is control or not here.of or not there.of:
        return Reading(guardrail, arm, here, None)
    p = rise_test(there, here) if guardrail.good > 0 else rise_test(here, there)
    return Reading(guardrail, arm, here, p)


def readings(results: Results) -> list[list[Reading]]:
    """One list for each guardrail, one reading for each arm in it."""
    return [[read(rail, arm, results.control) for arm in results.arms] for rail in GUARDRAILS]


def bars(results: Results, key: str) -> list[Reading]:
    """The guardrails that speak against promoting this variant."""
    found = [read(rail, results.arm(key), results.control) for rail in GUARDRAILS if rail.bars]
    return [reading for reading in found if reading.harms]
