"""Every night: do the two forms of the decision, the ledger and its projection, and the seal agree?

Each comparison is a `Comparison` row, for the privacy lead's page; what does not agree also
shows in the organisation's health, in numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cdp.lib import clock, sql
from consent import answers, chain, gather, projection, setwise
from consent.gather import CHANNELS, House
from consent.models import Comparison, ConsentState
from organisations import health

EXAMPLES = 20
STALE = timedelta(hours=50)
"""Two nights without a comparison are told."""

KINDS: dict[str, str | Promise] = {
    "decisions": _("Permissions: both forms of the decision"),
    "projection": _("Permissions: the ledger and its projection"),
    "chain": _("Permissions: the ledger's seal"),
}
QUESTIONS = ("newsletter", "own_similar", "service")


@dataclass
class Found:
    """`differing` contact points by question and by what each side says."""

    compared: int = 0
    differing: dict[str, set[int]] = field(default_factory=dict)
    differences: Counter[str] = field(default_factory=Counter)

    @property
    def ids(self) -> set[int]:
        return {pk for some in self.differing.values() for pk in some}


def watch(*, now: datetime | None = None) -> None:
    """Seals yesterday and compares everything, in the current organisation."""
    chain.write_heads(now=now)
    decisions(now=now)
    states()
    seal()


def decisions(*, now: datetime | None = None) -> Comparison:
    """The answer in SQL over everybody beside the stored answer, which the pure form gave.

    What time has changed is decided first. Where the two differ the pure form is asked again, now:
    what agrees then was only stored long ago (`old`), and is mended by that; what still
    differs is a difference of the two forms (`forms`).
    """
    moment, house = now or clock.now(), gather.house()
    answers.refresh_due(now=moment)
    first = _compare(house, None, moment)
    again = Found()
    if first.ids:
        answers.refresh(identifier_ids=first.ids, now=moment)
        again = _compare(house, first.ids, moment)
    told = Counter({f"forms: {what}": times for what, times in again.differences.items()})
    old = len(first.ids - again.ids)
    if old:
        told["old"] = old
    return _keep("decisions", first.compared, len(first.ids), told, again.ids or first.ids)


def _compare(house: House, identifier_ids: Collection[int] | None, now: datetime) -> Found:
    found = Found()
    with transaction.atomic():
        for channel in CHANNELS.values():
            asked = answers.questions(house, channel)
            for question in QUESTIONS:
                told = setwise.params(
                    getattr(asked, question), identifier_ids=identifier_ids, now=now, house=house
                )
                for row in sql.rows("consent/decide_compare", told | {"question": question}):
                    found.compared += row["contacts"]
                    if row["stored"] != row["decided"]:
                        what = f"{question}/{channel}: {row['stored']}, not {row['decided']}"
                        found.differences[what] += row["contacts"]
                        found.differing.setdefault(question, set()).update(row["ids"])
    return found


def states() -> Comparison:
    """The projection beside the ledger."""
    drift = projection.drift()
    told = Counter(f"{each.projected or 'none'}, not {each.ledger or 'none'}" for each in drift)
    return _keep(
        "projection", ConsentState.objects.count(), len(drift), told, {each.identifier_id for each in drift}
    )


def seal() -> Comparison:
    """The ledger beside its heads, in the database and outside it."""
    faults = chain.check()
    told = Counter(str(fault) for fault in faults)
    return _keep("chain", chain.sealed_days(), len(faults), told, ())


def _keep(
    kind: str, compared: int, differing: int, told: Counter[str], examples: Collection[int]
) -> Comparison:
    return Comparison.objects.create(
        kind=kind,
        compared=compared,
        differing=differing,
        differences=dict(told.most_common(EXAMPLES)),
        examples=sorted(examples)[:EXAMPLES],
    )


def register() -> None:
    """The health of an organisation shows each comparison, beside what other rooms check."""
    for place, (kind, label) in enumerate(KINDS.items()):
        health.register(health.Check(f"consent.{kind}", label, _reader(kind), position=60 + place))


def _reader(kind: str) -> Callable[[], health.Reading]:
    def read() -> health.Reading:
        newest = Comparison.objects.filter(kind=kind).order_by("-at").first()
        if newest is None:
            return health.Reading("unknown", _("not compared yet"))
        if newest.differing:
            return health.Reading("bad", _("%(n)s differ") % {"n": newest.differing}, newest.at)
        level: health.Level = "warning" if clock.now() - newest.at > STALE else "good"
        return health.Reading(level, _("%(n)s agree") % {"n": newest.compared}, newest.at)

    return read
