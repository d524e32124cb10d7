"""Which version of a form is what, and what its answers carry."""

from __future__ import annotations

from collections.abc import Iterable

from consent.models import ConsentForm, Experiment, FormVersion, Variant

MOST_NOTE = 240
FINAL = (Experiment.State.RUNNING, Experiment.State.STOPPED, Experiment.State.PROMOTED)


def draft_of(form: ConsentForm) -> FormVersion | None:
    """The version that is being worked on."""
    drafts = form.versions.filter(published_at=None)
    return drafts.exclude(pk__in=_in_tests(drafts.values_list("pk", flat=True))).first()


def live_version(form: ConsentForm) -> FormVersion | None:
    return form.versions.filter(published_at__isnull=False, retired_at=None).first()


def override_note(version: FormVersion) -> str:
    """What every answer of a version carries that went live over stops; holds staff's name and no other."""
    if not version.override_reason:
        return ""
    rules = ", ".join(sorted({found["id"] for found in version.findings if found["level"] == "stop"}))
    note = f"published over {rules} by {version.overridden_by}: {version.override_reason}"
    return note[:MOST_NOTE]


def is_final(version: FormVersion) -> bool:
    """Live, once live, or in a test: never changed again."""
    return version.published_at is not None or bool(_in_tests([version.pk]))


def _in_tests(versions: Iterable[int]) -> list[int]:
    in_tests = Variant.objects.filter(version__in=list(versions), experiment__state__in=FINAL)
    return list(in_tests.values_list("version_id", flat=True))
