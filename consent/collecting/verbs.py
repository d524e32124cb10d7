"""Making forms, drafting versions, publishing and taking down. Each writes the audit log itself.

Who may call what, the views ask: drafting needs Can.EDIT_FORMS, going live Can.MANAGE_PERMISSIONS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from cdp.lib import clock
from consent.collecting import linter, spec
from consent.collecting.checks.case import Finding
from consent.collecting.spec import Spec
from consent.collecting.versions import MOST_NOTE, draft_of
from consent.models import CollectionPoint, ConsentForm, ConsentText, FormVersion
from consent.verbs import Meaning, verify_point
from organisations.audit.verbs import record as audit
from organisations.models import User
from profiles.models import Source

SETTINGS = ("name", "locale", "double_optin", "origins", "return_url", "privacy_url", "is_youth")


class Refused(ValueError):
    """`findings` are the linter's stops, where they are the reason."""

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


def make(*, actor: User | None, key: str, name: str, locale: str, read: Spec | None = None) -> ConsentForm:
    """A form with a source and a collection point of its own, and its first draft."""
    organisation = connection.tenant  # type: ignore[attr-defined]
    with transaction.atomic():
        source = Source.objects.create(
            slug=f"form-{key}"[:60],
            name=name,
            kind=Source.Kind.WEBSITE,
            owner=str(actor or "")[:120],
            purpose=_("A form that asks for permission"),
            country=organisation.country,
        )
        point = CollectionPoint.objects.create(
            key=f"form:{key}",
            name=name,
            source=source,
            kind=CollectionPoint.Kind.ACT,
            no_is_explicit=True,
            time_zone=organisation.time_zone,
        )
        form = ConsentForm.objects.create(key=key, name=name, point=point, locale=locale)
        draft = FormVersion(form=form, number=1, spec=spec.write(read or Spec()), created_by=str(actor or ""))
        draft.save()
        _noted(actor, "form.made", form)
    return form


def change(*, actor: User, form: ConsentForm, **given: Any) -> list[str]:
    """Sets what is not part of a version (`SETTINGS`); answers the names of what changed."""
    changed = [name for name in SETTINGS if name in given and getattr(form, name) != given[name]]
    if not changed:
        return []
    for name in changed:
        setattr(form, name, given[name])
    with transaction.atomic():
        form.save(update_fields=changed)
        if "name" in changed:
            CollectionPoint.objects.filter(form=form).update(name=form.name)
            Source.objects.filter(collectionpoint__form=form).update(name=form.name)
        _noted(actor, "form.changed", form, changed=changed)
    return changed


def save_draft(*, actor: User, form: ConsentForm, read: Spec) -> FormVersion:
    """Writes the draft, or begins the next one; what went live or is in a test stays as it is."""
    with transaction.atomic():
        form = ConsentForm.objects.select_for_update().get(pk=form.pk)
        draft = draft_of(form)
        if draft is None:
            last = form.versions.aggregate(last=Max("number"))["last"] or 0
            draft = FormVersion(form=form, number=last + 1, created_by=str(actor))
        draft.spec = spec.write(read)
        draft.save()
        _noted(actor, "form.drafted", form, version=draft.number)
    return draft


def restore(*, actor: User, version: FormVersion) -> FormVersion:
    """The wording and layout of an earlier version as the draft to work on."""
    return save_draft(actor=actor, form=version.form, read=spec.read(version.spec))


def publish(version: FormVersion, *, actor: User, override_reason: str = "") -> FormVersion:
    """Puts a version live in place of the present one. Stops keep it from it, unless somebody who
    may says why; name and reason go with every answer it collects (`override_note`).

    Whoever publishes vouches for the form's collection point. Raises `Refused`, and
    `spec.Unusable` for a version that is no form.
    """
    reason = override_reason.strip()
    with transaction.atomic():
        version = (
            FormVersion.objects.select_for_update(of=("self",)).select_related("form").get(pk=version.pk)
        )
        form = ConsentForm.objects.select_for_update().get(pk=version.form_id)
        if version.published_at is not None:
            raise Refused(_("This version has been live already. Restore it as a draft first."))
        findings = linter.lint(form, version)
        stops = linter.stops(findings)
        if stops and not reason:
            raise Refused(_("The linter stops this version."), stops)
        form.versions.filter(published_at__isnull=False, retired_at=None).update(retired_at=clock.now())
        version.findings = linter.listed(findings)
        version.published_by, version.published_at = str(actor), clock.now()
        if stops:
            version.overridden_by, version.override_reason = str(actor), reason[:MOST_NOTE]
        version.save()
        ConsentForm.objects.filter(pk=form.pk).update(state=ConsentForm.State.LIVE)
        _vouch(form, version, actor)
        overridden = [finding.id for finding in stops]
        _noted(actor, "form.published", form, version=version.number, overridden=overridden)
    return version


def close(*, actor: User, form: ConsentForm) -> None:
    """Takes the form down; its address says that it is closed."""
    with transaction.atomic():
        form.versions.filter(published_at__isnull=False, retired_at=None).update(retired_at=clock.now())
        ConsentForm.objects.filter(pk=form.pk).update(state=ConsentForm.State.CLOSED)
        _noted(actor, "form.closed", form)
    form.refresh_from_db()


def _vouch(form: ConsentForm, version: FormVersion, actor: User) -> None:
    """What a yes at the form's point means from now on, by what the version asks."""
    read = spec.read(version.spec)
    texts = ConsentText.objects.in_bulk(list(read.text_ids()))
    code, words = read.words(form.locale)
    bound = [texts[control.text] for control in read.locales[code].controls]
    meaning: Mapping[str, Any] = {
        "purposes": tuple(dict.fromkeys(purpose for text in bound for purpose in text.purposes)),
        "channels": tuple(dict.fromkeys(channel for text in bound for channel in text.channels)),
        "wording": "\n\n".join(text.body for text in bound),
        "text": bound[0] if len(bound) == 1 else None,
        "kind": CollectionPoint.Kind.ACT,
        "preticked": read.layout.preselected,
        "no_is_explicit": True,
    }
    if read.layout.optout == "control" and words.optout:
        meaning = {**meaning, "optout_offered": CollectionPoint.Answer.YES}
    verify_point(form.point, meaning=Meaning(**meaning), actor=actor)


def _noted(actor: User | None, verb: str, form: ConsentForm, **summary: Any) -> None:
    audit(actor=actor, verb=verb, target=form.key, summary=summary)
