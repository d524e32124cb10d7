"""What goes on in the background where there is much of it, and at once where there is little."""

from __future__ import annotations

from profiles import tasks
from profiles.identity import dry_run, survivorship_trial
from profiles.models import IdentityAct, RuleTrial, SourceRecord

AT_ONCE = 2_000
"""People who are looked at while somebody waits."""


def go_on(trial: RuleTrial) -> None:
    """A trial of survivorship, or applying it, from where it stands."""
    if trial.total <= AT_ONCE:
        survivorship_trial.run(trial.pk)
    else:
        tasks.survivorship.delay_on_commit(trial.pk)  # type: ignore[attr-defined]  # OrgTask has it


def go_on_with_rules(trial: RuleTrial) -> None:
    """A trial of the exact rules, or applying it, from where it stands."""
    if SourceRecord.objects.all()[:AT_ONCE].count() < AT_ONCE:
        dry_run.run(trial.pk)
    else:
        tasks.identity_rules.delay_on_commit(trial.pk)  # type: ignore[attr-defined]  # OrgTask has it


def recount(act: IdentityAct) -> None:
    """A change of rules was taken back, or holds again."""
    go_on(survivorship_trial.begin_recount(act))
