"""Warns of dark patterns in a form, and keeps the worst from going live (CONSENT.md 4.4).

`check` is pure; `lint` gathers what it needs to know of a stored version. `differences` tells what
two variants of a test may not differ in (L16). Rules: CONSENT.md 4.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from cdp.lib import clock, sql
from consent.collecting import appearance, spec
from consent.collecting.checks import choice, wording
from consent.collecting.checks.case import Case, Finding
from consent.collecting.spec import Spec
from consent.models import ConsentForm, ConsentText, FormVersion, PrivacySettings
from consent.models.asking import CollectionPoint

__all__ = ["Case", "Finding", "check", "differences", "gather", "lint", "listed", "stops"]

RECENT = timedelta(days=183)
ORDER = {"stop": 0, "warn": 1}


def lint(form: ConsentForm, version: FormVersion) -> list[Finding]:
    """Everything that is wrong with a version, stops first. Raises `spec.Unusable`."""
    return check(gather(form, spec.read(version.spec)))


def check(case: Case) -> list[Finding]:
    found = [finding for each in (*choice.CHECKS, *wording.CHECKS) for finding in each(case)]
    return sorted(dict.fromkeys(found), key=lambda finding: (ORDER[finding.level], finding.id))


def gather(form: ConsentForm, read: Spec) -> Case:
    """The facts around a spec. Raises `spec.Unusable` for what cannot be shown."""
    texts = ConsentText.objects.in_bulk(list(read.text_ids()))
    if problems := spec.problems_with(read, texts):
        raise spec.Unusable(problems)
    return Case(
        spec=read,
        texts=texts,
        names=house_names(),
        appearance=appearance.of_the_form(),
        is_youth=form.is_youth,
        claims_optout=form.point.optout_offered == CollectionPoint.Answer.YES,
        recent_nos=_recent_nos(texts.values()),
    )


def house_names() -> tuple[str, ...]:
    """What a text may call the organisation; the same names count when it is decided (`gather.house`)."""
    organisation = connection.tenant  # type: ignore[attr-defined]
    legal = PrivacySettings.objects.values_list("legal_name", flat=True).first()
    return tuple(name for name in (str(organisation.name), legal or "", str(organisation.slug)) if name)


def _recent_nos(texts: Iterable[ConsentText]) -> int:
    texts = list(texts)
    params = {
        "purposes": sorted({purpose for text in texts for purpose in text.purposes}),
        "channels": sorted({channel for text in texts for channel in text.channels}),
        "since": clock.now() - RECENT,
    }
    found: int = sql.value("consent/recent_nos", params)
    return found


def stops(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.level == "stop"]


def listed(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """As they are stored with a version."""
    return [asdict(finding) for finding in findings]


def differences(a: FormVersion, b: FormVersion) -> list[Finding]:
    """L16: what two variants of one test differ in and must not.

    Purposes, channels, organisations named, the note on taking back, the sort of control (a box,
    or a choice of yes and no) and what else is asked for must be the same; words, order, layout
    and moment may differ (CONSENT.md 4.1). Raises `spec.Unusable` for one that is no form.
    """
    one, other = spec.read(a.spec), spec.read(b.spec)
    texts = ConsentText.objects.in_bulk(list(one.text_ids() | other.text_ids()))
    if problems := [*spec.problems_with(one, texts), *spec.problems_with(other, texts)]:
        raise spec.Unusable(problems)
    found: list[Finding] = []
    if set(one.locales) != set(other.locales):
        found.append(_differs(_("the languages"), "locales"))
    for code in sorted(set(one.locales) & set(other.locales)):
        mine, theirs = _content(one, code, texts), _content(other, code, texts)
        found += [_differs(what, f"{code}.{key}") for key, what in _WHAT.items() if mine[key] != theirs[key]]
    found += [
        _differs(_("what else is asked for"), f"layout.{name}")
        for name in ("name", "phone", "birth_date", "guardian", "withdrawal", "optout", "split", "required")
        if getattr(one.layout, name) != getattr(other.layout, name)
    ]
    return found


_WHAT = {
    "purposes": _("the purposes"),
    "channels": _("the channels"),
    "controllers": _("the organisations named"),
    "withdrawal": _("the note on taking back"),
    "control": _("the sort of control"),
    "pace": _("the promised pace"),
}


def _content(read: Spec, code: str, texts: dict[int, ConsentText]) -> dict[str, Any]:
    words = read.locales[code]
    bound: Sequence[ConsentText] = [texts[control.text] for control in words.controls]
    return {
        "purposes": sorted((tuple(sorted(text.purposes)), tuple(sorted(text.covers))) for text in bound),
        "channels": sorted(tuple(sorted(text.channels)) for text in bound),
        "controllers": sorted(tuple(sorted(text.controllers)) for text in bound),
        "withdrawal": (words.withdrawal, sorted(text.withdrawal_told for text in bound)),
        "control": sorted(text.control == ConsentText.Control.UNTICKED_BOX for text in bound),
        "pace": sorted(text.promised_per_month or 0 for text in bound),
    }


def _differs(what: str, where: str) -> Finding:
    message = _("The variants differ in %(what)s: that is another question, not another wording.")
    return Finding("L16", "stop", message % {"what": what}, where)
