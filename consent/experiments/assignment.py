"""Which version of a form a unit sees (CONSENT.md 4.1). Decided here, remembered nowhere.

A unit is what keeps its variant: a basket, a signed-in person, or one view of the page. It
is text with its sort in front, such as `basket:8841`, and is hashed before it is stored.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from cdp.lib import crypto
from consent.models import ConsentForm, Experiment, FormVersion, Variant

BUCKETS = 10_000
SORTS = ("basket", "person", "view")


class NoVersion(LookupError):
    """The form is not live: there is nothing to show."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """What one unit is shown. `variant` is empty where no test runs."""

    version: FormVersion
    experiment: Experiment | None
    variant: str
    unit_hash: bytes

    @property
    def mark(self) -> str:
        """What an answer carries in the ledger, as `ConsentEvent.experiment_variant`."""
        return mark(self.experiment.pk, self.variant) if self.experiment else ""


def mark(experiment_id: int, variant: str) -> str:
    return f"{experiment_id}/{variant}"


def assign(form: ConsentForm, unit: str) -> Assigned:
    """The same unit gets the same variant for as long as the test runs.

    Raises `NoVersion` where the form has none that is live, ValueError for a unit of no sort.
    """
    digest = unit_hash(form, unit)
    running = form.experiments.filter(state=Experiment.State.RUNNING).first()
    if running:
        arms = list(running.variants.select_related("version"))
        chosen = choose(running.secret, arms, unit)
        return Assigned(chosen.version, running, chosen.key, digest)
    live = form.versions.filter(published_at__isnull=False, retired_at=None).first()
    if live is None:
        raise NoVersion(form.key)
    return Assigned(live, None, "", digest)


def choose(secret: str, arms: Sequence[Variant], unit: str) -> Variant:
    """The arm whose stretch of the buckets the unit falls in; stretches are as long as the weights."""
    place, whole, end = bucket(secret, unit), sum(arm.weight for arm in arms), 0
    for arm in arms:
        end += arm.weight
        if place * whole < end * BUCKETS:
            return arm
    raise ValueError("A test has arms with a weight.")


def bucket(secret: str, unit: str) -> int:
    """0 to 9999, evenly spread, and another for each secret."""
    digest = hmac.digest(secret.encode(), unit.encode(), "sha256")
    return int.from_bytes(digest[:8], "big") % BUCKETS


def unit_hash(form: ConsentForm, unit: str) -> bytes:
    """How a unit is stored: HMAC-SHA-256 under the organisation's key, another for each form."""
    sort, _colon, name = unit.partition(":")
    if sort not in SORTS or not name:
        raise ValueError("A unit is basket:…, person:… or view:….")
    schema = connection.schema_name  # type: ignore[attr-defined]
    return crypto.keyed_hash(schema, f"unit:{form.pk}:{unit}")
