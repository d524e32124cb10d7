"""A form with two wordings, a test of them, and what came of it: for tests about tests."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from consent.experiments import assignment
from consent.models import (
    ConsentEvent,
    ConsentForm,
    ConsentText,
    Experiment,
    ExposureCount,
    FormServed,
    FormVersion,
    Variant,
)
from organisations.models import Organisation
from profiles.models import Identifier
from tests.consent import world

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
NUMBERS = count(1)
WORDS = {
    "heading": "Vil du ha nyhetsbrevet?",
    "intro": "Vi skriver høyst to ganger i måneden om egne forestillinger.",
    "submit": "Send",
    "withdrawal": "Du kan når som helst si nei igjen, med ett klikk i hver e-post.",
}


def text(**given: Any) -> ConsentText:
    body = "Ja, Aurora kan sende meg nyhetsbrevet på e-post, høyst to ganger i måneden."
    defaults: dict[str, Any] = {
        "body": body,
        "body_sha256": hashlib.sha256(body.encode()).hexdigest(),
        "control": "radio_yes_no",
        "controllers": ["Aurora"],
        "promised_per_month": 2,
        "withdrawal_told": True,
    }
    return world.text(**defaults | given)


def spec(asked: ConsentText, words: dict[str, str] | None = None, **layout: Any) -> dict[str, Any]:
    control = {"text": asked.pk, "label": "Nyhetsbrev på e-post", "yes": "Ja", "no": "Nei"}
    return {"locales": {"nb": WORDS | (words or {}) | {"controls": [control]}}, "layout": layout}


def form(key: str = "", asked: ConsentText | None = None) -> ConsentForm:
    """A live form with one version."""
    key = key or f"form-{next(NUMBERS)}"
    asked = asked or text()
    point = world.point(f"form:{key}", kind="act", text=asked)
    made = ConsentForm.objects.create(key=key, name="Newsletter", point=point, state=ConsentForm.State.LIVE)
    version(made, spec(asked), published_at=START - timedelta(days=30))
    return made


def version(of: ConsentForm, written: dict[str, Any] | None = None, **given: Any) -> FormVersion:
    first = of.versions.order_by("number").first()
    number = of.versions.count() + 1
    shown = written or spec(of.point.text, {"heading": f"Wording {number}"})  # type: ignore[arg-type]
    assert written or first
    return FormVersion.objects.create(form=of, number=number, spec=shown, **given)


def experiment(of: ConsentForm | None = None, *, weights: Sequence[int] = (1, 1), **given: Any) -> Experiment:
    """Running since `START`, the live version as its first variant."""
    of = of or form()
    defaults: dict[str, Any] = {
        "name": "Shorter words",
        "purpose": "marketing.newsletter",
        "secret": "0" * 64,
        "state": Experiment.State.RUNNING,
        "started_at": START,
    }
    test = Experiment.objects.create(form=of, **defaults | given)
    live = of.versions.get(published_at__isnull=False, retired_at=None)
    versions = [live, *(version(of) for _more in weights[1:])]
    for key, shown, weight in zip("abcdef", versions, weights, strict=False):
        Variant.objects.create(experiment=test, key=key, version=shown, weight=weight)
    return test


def expose(test: Experiment, key: str, of: int, yes: int, *, days: int = 10, **facts: Any) -> None:
    """`of` units were shown the variant, evenly over days from the start, `yes` said yes."""
    arm = test.variants.get(key=key)
    rows = []
    for n in range(of):
        at = START + timedelta(days=days) * (n / of)
        said = (n * yes) // of != ((n + 1) * yes) // of
        rows.append(
            FormServed(
                form=test.form, version=arm.version, experiment=test, variant=key, locale="nb", served_at=at,
                unit=assignment.unit_hash(test.form, f"basket:{key}{next(NUMBERS)}"), answered_at=at,
                said_yes=said, **facts,
            )
        )  # fmt: skip
    FormServed.objects.bulk_create(rows)


def yeses(
    test: Experiment, key: str, of: int, *, regret: int = 0, kind: str = "WITHDRAW", after: int = 5
) -> None:
    """`of` addresses said yes in the variant; `regret` of them took it back days later."""
    number = next(NUMBERS)
    addresses = Identifier.objects.bulk_create(
        [Identifier(kind_id="email", namespace="", value=f"{key}{number}.{n}@example.no") for n in range(of)]
    )
    said = [_said(test, each, "GRANT", START, assignment.mark(test.pk, key)) for each in addresses]
    back = START + timedelta(days=after)
    said += [_said(test, each, kind, back) for each in addresses[:regret]]
    ConsentEvent.objects.bulk_create(said)


def counted(test: Experiment, key: str, **measures: int) -> None:
    """Exposures of the first day, of which only counts are left."""
    ExposureCount.objects.bulk_create(
        ExposureCount(
            form=test.form,
            experiment_key=test.pk,
            variant=key,
            day=START.date(),
            measure=measure,
            value=value,
        )
        for measure, value in measures.items()
    )


def a_running_test(organisation: Organisation) -> dict[str, Any]:
    """Two weeks of a test that has something to show."""
    test = experiment()
    for key, yes in (("a", 9), ("b", 12)):
        expose(test, key, 30, yes, days=14)
        counted(test, key, served=2000, yes=600 + 10 * yes, bought=1900, no=300)
    yeses(test, "b", 8, regret=2)
    return {"pk": test.pk}


def a_draft(organisation: Organisation) -> dict[str, Any]:
    return {"pk": experiment(state=Experiment.State.DRAFT, started_at=None).pk}


def a_live_form(organisation: Organisation) -> dict[str, Any]:
    made = form()
    version(made)
    return {"key": made.key}


def _said(test: Experiment, who: Identifier, kind: str, at: datetime, mark: str = "") -> ConsentEvent:
    return ConsentEvent(
        identifier=who, type=kind, purpose=test.purpose, channel=test.channel, occurred_at=at,
        recorded_at=at, proof="A", source_system="form", source_event_id=f"{kind} {who.pk}",
        experiment_variant=mark,
    )  # fmt: skip
