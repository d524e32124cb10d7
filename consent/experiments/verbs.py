"""What is done with a test of a form. Every verb writes the audit log itself."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from cdp.lib import clock
from consent.collecting import linter, spec
from consent.collecting import verbs as collecting
from consent.collecting.checks.case import Finding
from consent.experiments import guardrails, results, words
from consent.experiments.results import Results, Verdict
from consent.models import ConsentForm, Experiment, FormVersion, Variant
from organisations.audit.verbs import record as audit
from organisations.models import User

LETTERS = "abcd"
"""At most four variants: each more takes every comparison longer."""


class Refused(ValueError):
    """The verb was not done; the message says why, and what to do."""


class NotStarted(Refused):
    """`findings` of the linter keep the test from starting."""

    def __init__(self, findings: Sequence[tuple[str, Finding]]) -> None:
        super().__init__(_("The test cannot start. %(why)s") % {"why": findings[0][1].message})
        self.findings = list(findings)


class NeedsOverride(Refused):
    """Only the privacy lead may promote this variant, with a reason."""


def draft(
    *,
    actor: User,
    form: ConsentForm,
    name: str,
    purpose: str,
    channel: str,
    versions: Sequence[FormVersion],
    expected_share: float,
    smallest_lift: float,
) -> Experiment:
    """Prepares a test. The live version is its first variant, which the others are compared with."""
    live = form.versions.filter(published_at__isnull=False, retired_at=None).first()
    if form.state != ConsentForm.State.LIVE or live is None:
        raise Refused(_("Publish the form first: a test compares with what people see today."))
    others = [each for each in dict.fromkeys(versions) if each.pk != live.pk]
    if not others or len(others) >= len(LETTERS) or any(each.form_id != form.pk for each in others):
        raise Refused(_("Choose one to three other versions of this form."))
    with transaction.atomic():
        test = Experiment.objects.create(
            form=form,
            name=name,
            purpose=purpose,
            channel=channel,
            secret=secrets.token_hex(32),
            expected_share=expected_share,
            smallest_lift=smallest_lift,
        )
        Variant.objects.bulk_create(
            Variant(experiment=test, key=key, version=version)
            for key, version in zip(LETTERS, (live, *others), strict=False)
        )
        _noted(actor, "experiment.drafted", test, versions=[each.number for each in (live, *others)])
    return test


def discard(*, actor: User, test: Experiment) -> None:
    """A test that never began leaves nothing behind."""
    with transaction.atomic():
        _noted(actor, "experiment.discarded", test)
        gone, _rows = Experiment.objects.filter(pk=test.pk, state=Experiment.State.DRAFT).delete()
        if not gone:
            raise Refused(_("This test has begun: stop it instead."))


def findings(test: Experiment) -> list[tuple[str, Finding]]:
    """What the linter says of each variant, by its key, and of how they differ (L16); stops first."""
    arms = list(test.variants.select_related("version"))
    try:
        found = [(arm.key, each) for arm in arms for each in linter.lint(test.form, arm.version)]
        for arm in arms[1:]:
            found += [(arm.key, each) for each in linter.differences(arms[0].version, arm.version)]
    except spec.Unusable as unusable:
        raise Refused(_("A version cannot be shown yet. %(why)s") % {"why": unusable}) from None
    return sorted(found, key=lambda pair: pair[1].level != "stop")


def stops(test: Experiment, found: Iterable[tuple[str, Finding]]) -> list[tuple[str, Finding]]:
    """What keeps the test from starting: stops that the privacy lead has not overridden when
    publishing the version. That variants ask different things (L16) cannot be overridden."""
    overridden = {arm.key for arm in test.variants.select_related("version") if arm.version.overridden_by}
    return [
        (key, each)
        for key, each in found
        if each.level == "stop" and (each.id == "L16" or key not in overridden)
    ]


def start(*, actor: User, test: Experiment) -> None:
    """From now on every unit sees one of the variants (CONSENT.md C163, C164)."""
    form = test.form
    if barred := stops(test, findings(test)):
        raise NotStarted(barred)
    with transaction.atomic():
        ConsentForm.objects.select_for_update().get(pk=form.pk)
        if form.experiments.filter(state=Experiment.State.RUNNING).exists():
            raise Refused(_("Another test of this form is running. Stop it first."))
        first = test.variants.select_related("version").order_by("key")[0].version
        if first.published_at is None or first.retired_at is not None:
            raise Refused(_("The form has changed since. Prepare the test anew."))
        _become(test, (Experiment.State.DRAFT,), state=Experiment.State.RUNNING, started_at=clock.now())
        _noted(actor, "experiment.started", test)


def stop(*, actor: User, test: Experiment) -> None:
    """Everybody sees the live version again; the results stay."""
    with transaction.atomic():
        shown = results.look(test)
        _become(test, (Experiment.State.RUNNING,), state=Experiment.State.STOPPED, stopped_at=clock.now())
        _noted(actor, "experiment.stopped", test, served=shown.served, verdict=shown.verdict.value)


@dataclass(frozen=True, slots=True)
class Objection:
    """What speaks against promoting a variant."""

    key: str
    words: str


def objections(shown: Results, key: str) -> list[Objection]:
    """Empty where any editor of forms may promote the variant."""
    found = []
    if shown.is_hidden:
        told = _("The sample ratio is wrong (%(p)s).") % {"p": words.p_value(shown.ratio_p)}
        found.append(Objection("sample_ratio", told))
    elif not _has_won(shown, key):
        found.append(Objection("undecided", _("The test has not shown that it asks better.")))
    harms = [Objection(each.guardrail.key, f"{words.harm(each)}.") for each in guardrails.bars(shown, key)]
    return found + harms


def _has_won(shown: Results, key: str) -> bool:
    if shown.verdict is Verdict.WORSE:
        return key == shown.control.key
    better = [each.arm.key for each in shown.comparisons if each.is_decided and each.difference > 0]
    return shown.verdict is Verdict.BETTER and key in better


def promote(
    *, actor: User, test: Experiment, key: str, reason: str = "", may_override: bool = False
) -> list[Objection]:
    """Publishes the variant's version and ends the test; answers what was overridden (CONSENT.md C168).

    Raises `NeedsOverride` while something speaks against it and nobody who may has given a
    reason, which is kept with the test.
    """
    with transaction.atomic():
        shown = results.look(test)
        against = objections(shown, key)
        if against and not (may_override and reason.strip()):
            raise NeedsOverride(" ".join(each.words for each in against))
        version = shown.arm(key).variant.version
        _become(
            test,
            (Experiment.State.RUNNING, Experiment.State.STOPPED),
            state=Experiment.State.PROMOTED,
            stopped_at=test.stopped_at or clock.now(),
            winner=key,
            decided_by=str(actor),
            decision_reason=reason.strip()[:240] if against else "",
        )
        if version.published_at is None:
            _publish(version, actor, reason.strip()[:240] or version.override_reason)
        verb = "experiment.overridden" if against else "experiment.promoted"
        _noted(actor, verb, test, variant=key, version=version.number, against=[each.key for each in against])
    return against


def _publish(version: FormVersion, actor: User, reason: str) -> None:
    try:
        collecting.publish(version, actor=actor, override_reason=reason)
    except collecting.Refused as refused:
        raise Refused(str(refused)) from refused


def _become(test: Experiment, before: Sequence[str], **after: object) -> None:
    """Compare and set: whoever comes second is told."""
    if not Experiment.objects.filter(pk=test.pk, state__in=before).update(**after):
        raise Refused(_("Somebody else was faster. Look at the test again."))
    for name, value in after.items():
        setattr(test, name, value)


def _noted(actor: User, verb: str, test: Experiment, **summary: object) -> None:
    audit(actor=actor, verb=verb, target=f"{test.form.key}: test {test.pk}", summary=summary)
