"""One question to 2 in 100 of those who answered: "what did you just agree to?" (CONSENT.md 4.2).

The link between the page and the exposure is sealed: nobody else can answer for a unit, and
the page holds neither the unit nor its hash.
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cdp.lib import crypto
from consent.experiments import exposure
from consent.experiments.assignment import BUCKETS, Assigned
from consent.models import ConsentForm

SAMPLE = 200  # of 10,000
NOTHING = "nothing"

ANSWERS: dict[str, Promise] = {
    "marketing.newsletter": _("To get news and offers"),
    "marketing.own_similar": _("To get offers like what I bought"),
    "marketing.partner": _("To get offers of other organisations"),
    "survey": _("To be asked about my visit"),
    "profiling": _("That what I get is chosen by what I do"),
    "tracking.email_open": _("That you see when I open a mail"),
    "ads.audience_match": _("That my address is used to find me on other sites"),
    NOTHING: _("To nothing"),
}
OFFERED = 4


@dataclass(frozen=True, slots=True)
class Question:
    """`options` are (key, words) in an order of the unit's own. `sealed` goes back with the answer."""

    options: list[tuple[str, Promise]]
    sealed: str


def ask(assigned: Assigned, form: ConsentForm, purposes: Collection[str]) -> Question | None:
    """The question for one unit that has just said yes to these purposes (or to none).

    None for 98 in 100, where no test runs, and for purposes without an answer in plain words.
    Which are asked is decided by the unit's hash, so that asking does not hang on the variant.
    """
    place = int.from_bytes(assigned.unit_hash[-8:], "big")
    if assigned.experiment is None or place % BUCKETS >= SAMPLE:
        return None
    right = sorted(set(purposes) & ANSWERS.keys()) if purposes else [NOTHING]
    if not right:
        return None
    drawn = random.Random(place)  # noqa: S311 - an order on a page, no secret
    wrong = [key for key in ANSWERS if key not in right]
    keys = [right[0], *drawn.sample(wrong, OFFERED - 1)]
    drawn.shuffle(keys)
    return Question([(key, ANSWERS[key]) for key in keys], _seal(form.pk, assigned.unit_hash, right))


def answer(sealed: str, key: str) -> ConsentForm | None:
    """Keeps whether the answer is right; answers the form, None for a question that was never asked."""
    try:
        form_id, digest, right = json.loads(crypto.unseal(_schema(), sealed))
    except crypto.Unreadable:
        return None
    form = ConsentForm.objects.filter(pk=form_id).first()
    if form is None or key not in ANSWERS:
        return None
    exposure.understood(form, bytes.fromhex(digest), key in right)
    return form


def _seal(form_id: int, digest: bytes, right: list[str]) -> str:
    return crypto.seal(_schema(), json.dumps([form_id, digest.hex(), right]))


def _schema() -> str:
    return str(connection.schema_name)  # type: ignore[attr-defined]
