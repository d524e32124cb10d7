"""Forms for tests: a Norwegian newsletter box that has nothing wrong with it, and changes of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

from cdp.lib import clock
from consent import ledger
from consent.collecting import appearance, linter, spec
from consent.collecting.checks.case import Case
from consent.collecting.spec import Control, Layout, Spec, Words
from consent.facts import EventType
from consent.models import CollectionPoint, ConsentForm, ConsentText, FormVersion
from profiles.models import Identifier

NUMBERS = count(1)
BODY = "Ja takk, send meg nyheter fra Aurora på e-post, høyst 2 ganger i måneden."
WITHDRAWAL = "Du kan trekke samtykket tilbake når som helst via lenken i hver melding."
BOX = {"control": "unticked_box"}
CHOICE: dict[str, Any] = {"control": "radio_yes_no"}


def text(pk: int = 1, **given: Any) -> ConsentText:
    """Not saved: for checks, which look at nothing but the words."""
    plain: dict[str, Any] = {
        "name": "news",
        "locale": "nb",
        "body": BODY,
        "purposes": ["marketing.newsletter"],
        "channels": ["email"],
        "controllers": ["Aurora"],
        "promised_per_month": 2,
    }
    return ConsentText(pk=pk, **plain | BOX | given)


def words(*controls: Control, **given: Any) -> Words:
    plain = {"heading": "Nyhetsbrev", "submit": "Send", "withdrawal": WITHDRAWAL}
    return Words(**plain | given, controls=controls or (Control(text=1),))


def case(
    *texts: ConsentText,
    layout: dict[str, Any] | None = None,
    language: Words | None = None,
    locale: str = "nb",
    **facts: Any,
) -> Case:
    known = {each.pk: each for each in texts or (text(),)}
    controls = tuple(Control(text=pk, yes="Ja takk", no="Nei takk") for pk in known)
    asked = language or words()
    asked = replace(asked, controls=asked.controls if language else controls)
    read = Spec(locales={locale: asked}, layout=Layout(**layout or {}))
    look = facts.pop("appearance", None) or appearance.of_the_form()
    return Case(spec=read, texts=known, names=("Aurora",), appearance=look, **facts)


def found(one: Case) -> set[str]:
    return {finding.id for finding in linter.check(one)}


def stored_text(**given: Any) -> ConsentText:
    plain = text(**given)
    plain.pk, plain.name, plain.body_sha256 = None, f"news-{next(NUMBERS)}", "0" * 64
    plain.save()
    return plain


def form(key: str = "news", **given: Any) -> ConsentForm:
    point = CollectionPoint.objects.create(
        key=f"form:{key}", name=key, kind="act", purposes=["marketing.newsletter"], channels=["email"]
    )
    return ConsentForm.objects.create(key=key, name=key.title(), point=point, **given)


def version(
    of: ConsentForm, *texts: ConsentText, layout: dict[str, Any] | None = None, **language: Any
) -> FormVersion:
    """A draft that asks for these texts, in their languages."""
    texts = texts or (stored_text(),)
    locales = {
        each.locale: words(
            *[Control(text=one.pk, yes="Ja", no="Nei") for one in texts if one.locale == each.locale],
            **language,
        )
        for each in texts
    }
    raw = spec.write(Spec(locales=locales, layout=Layout(**layout or {})))
    return FormVersion.objects.create(form=of, number=of.versions.count() + 1, spec=raw)


def withdraw(whose: Identifier) -> None:
    """The newsletter by e-mail, this moment."""
    ledger.record(
        ledger.Entry(
            type=EventType.WITHDRAW,
            purpose="marketing.newsletter",
            channel="email",
            source_system="test",
            source_event_id=f"withdrawal {next(NUMBERS)}",
            identifier_id=whose.pk,
            occurred_at=clock.now(),
        )
    )
