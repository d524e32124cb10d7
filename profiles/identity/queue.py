"""The merge queue: pairs of people who may be one, and whose turn it is to look at which.

Nobody is shown what a colleague is looking at: whoever opens a pair holds it for a few
minutes, and the open page goes on holding it. Answers are in `profiles.identity.answers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal

from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, transaction
from django.db.models import CharField, Count, F, Func, IntegerField, Q, QuerySet, Value
from django.utils import timezone

from cdp.lib import sql
from profiles.identity.precision import Band
from profiles.models import MatchPair, Profile, SourceRecord

HOLD = timedelta(minutes=5)
"""How long a pair stays with whoever opened it, unless the open page renews it."""
PAGE = 25
"""Pairs a page, fifty people: looking at more at once needs a reason (CONSENT.md 3.6)."""

State = MatchPair.State
Order = Literal["certainty", "value"]
_ORDERS: dict[Order, tuple[str, str]] = {
    "certainty": ("probability", "value"),
    "value": ("value", "probability"),
}

NOTHING_AGAINST = "nothing"
"""In the address: pairs that nothing speaks against but their probability."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of the queue somebody works through, and in which order.

    `why` is a `blocked_by`, or NOTHING_AGAINST; "" is all. With `sample` only the pairs
    of that band's random sample are given out.
    """

    order: Order = "certainty"
    band: Band | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    pairs: list[MatchPair]
    after: str
    """Key of the next page; empty on the last."""


def open_pairs(chosen: Chosen = Chosen()) -> QuerySet[MatchPair]:
    """Those that wait for an answer, in the order chosen."""
    first, second = _ORDERS[chosen.order]
    pairs = MatchPair.objects.filter(state=State.OPEN).order_by(f"-{first}", f"-{second}", "pk")
    if chosen.band:
        pairs = pairs.filter(chosen.band.condition())
    if chosen.why:
        pairs = pairs.filter(blocked_by="" if chosen.why == NOTHING_AGAINST else chosen.why)
    return pairs


def open_count() -> int:
    """How many pairs wait; an index-only count."""
    return MatchPair.objects.filter(state=State.OPEN).count()


def reasons_open() -> dict[str, int]:
    """Open pairs by what kept them from being merged by themselves; "" is nothing but their probability."""
    counts = MatchPair.objects.filter(state=State.OPEN).values("blocked_by").annotate(n=Count("pk"))
    return {row["blocked_by"]: row["n"] for row in counts.order_by("-n")}


def list_pairs(chosen: Chosen = Chosen(), after: str = "") -> Page:
    """One page of open pairs with their two people."""
    pairs = open_pairs(chosen).select_related("profile_a", "profile_b")
    if key := _read_key(after):
        pairs = pairs.filter(_beyond(_ORDERS[chosen.order], key))
    shown = list(pairs[: PAGE + 1])
    last = shown[PAGE - 1] if len(shown) > PAGE else None
    return Page(shown[:PAGE], _key(last, chosen.order) if last else "")


def _key(pair: MatchPair, order: Order) -> str:
    first, second = _ORDERS[order]
    return f"{getattr(pair, first)!s}~{getattr(pair, second)!s}~{pair.pk}"


def _read_key(after: str) -> tuple[Decimal, Decimal, int] | None:
    """A key from the address; one that somebody changed by hand starts from the beginning."""
    try:
        first, second, pk = after.split("~")
        key = Decimal(first), Decimal(second), int(pk)
    except (ValueError, InvalidOperation):
        return None
    return key if key[0].is_finite() and key[1].is_finite() and 0 < key[2] < 2**63 else None


def _beyond(columns: tuple[str, str], key: tuple[Decimal, Decimal, int]) -> Q:
    """What comes after the key. The first condition alone is what the index is entered by."""
    (first, second), (a, b, pk) = columns, key
    rest = Q(**{f"{first}__lt": a}) | Q(**{f"{second}__lt": b}) | Q(**{second: b, "pk__gt": pk})
    return Q(**{f"{first}__lte": a}) & rest


# Whose turn it is


def _free(actor: str) -> Q:
    """Nobody else is looking at it."""
    return Q(claimed_until=None) | Q(claimed_until__lt=timezone.now()) | Q(claimed_by=actor)


@transaction.atomic
def next_pair(
    actor: str, chosen: Chosen = Chosen(), among: QuerySet[MatchPair] | None = None
) -> MatchPair | None:
    """The next pair for somebody, held for them; None where all that is left is with others.

    What they skipped comes last, least often skipped first. `among` narrows the queue
    down further (a band's sample).
    """
    pairs = open_pairs(chosen).filter(_free(actor))
    if among is not None:
        pairs = pairs.filter(pk__in=among.values("pk"))
    pairs = pairs.select_for_update(skip_locked=True)
    fresh = pairs.exclude(skipped_by__contains=[actor])
    while found := fresh.first() or _least_skipped(pairs, actor).first():
        settle(found)
        if found.state == State.OPEN:
            _hold(found, actor)
            break
    return found


def _least_skipped(pairs: QuerySet[MatchPair], actor: str) -> QuerySet[MatchPair]:
    positions = Func(
        F("skipped_by"),
        Value(actor, CharField()),
        function="array_positions",
        output_field=ArrayField(IntegerField()),
    )
    times = Func(positions, function="cardinality", output_field=IntegerField())
    return pairs.order_by(times, *pairs.query.order_by)


def _hold(pair: MatchPair, actor: str) -> None:
    pair.claimed_by, pair.claimed_until = actor, timezone.now() + HOLD
    pair.save(update_fields=["claimed_by", "claimed_until"])


def hold(pk: int, actor: str) -> bool:
    """Holds an open pair, or goes on holding it; False where it is answered or with somebody else."""
    pairs = MatchPair.objects.filter(_free(actor), pk=pk, state=State.OPEN)
    return bool(pairs.update(claimed_by=actor, claimed_until=timezone.now() + HOLD))


def release(pk: int, actor: str) -> None:
    """Gives a pair back to the queue."""
    MatchPair.objects.filter(pk=pk, claimed_by=actor).update(claimed_by="", claimed_until=None)


def skip(pk: int, actor: str) -> None:
    """Leaves a pair to somebody else; to this person it comes last."""
    once_more = Func(F("skipped_by"), Value(actor, CharField()), function="array_append")
    MatchPair.objects.filter(pk=pk, state=State.OPEN).update(skipped_by=once_more)
    release(pk, actor)


# What became of a pair meanwhile


def is_about_two(pair: MatchPair) -> bool:
    """Whether its two people are there, and are those whom its two records belong to."""
    now = sorted((pair.record_a.profile_id, pair.record_b.profile_id))
    return now == [pair.profile_a_id, pair.profile_b_id] and _are_there(*now)


def settle(pair: MatchPair, act_id: int | None = None) -> None:
    """Makes an open pair be about the people whom its two records belong to now.

    They may have become one, or others, since the pair was found. A pair that is no
    question any more is gone; `act_id` says with which act, so that undoing it asks again.
    """
    if not is_about_two(pair) and not _ask_of_present(pair):
        pair.state, pair.act_id = State.GONE, act_id
        pair.save(update_fields=["state", "act"])


def open_again(pair: MatchPair) -> None:
    """Asks about an answered pair once more, unless there is nothing to ask or it is asked already."""
    pair.state, pair.act_id, pair.reason = State.OPEN, None, ""
    pair.decided_by, pair.decided_at = "", None
    if not is_about_two(pair) or _is_asked(pair.record_a, pair.record_b, but=pair.pk):
        pair.state = State.OPEN if _ask_of_present(pair) else State.GONE
    pair.save()


def _ask_of_present(pair: MatchPair) -> bool:
    """Makes the pair be about its records' present people; False where those are not two, or asked about."""
    one, two = sorted((pair.record_a, pair.record_b), key=lambda record: record.profile_id)
    if not _are_there(one.profile_id, two.profile_id) or _is_asked(one, two, but=pair.pk):
        return False
    pair.record_a, pair.record_b = one, two
    pair.profile_a_id, pair.profile_b_id = one.profile_id, two.profile_id
    try:
        with transaction.atomic():
            pair.save(update_fields=["record_a", "record_b", "profile_a", "profile_b"])
    except IntegrityError:  # somebody beside us has just asked the same
        return False
    return True


def _is_asked(one: SourceRecord, two: SourceRecord, *, but: int) -> bool:
    asked = MatchPair.objects.filter(profile_a=one.profile_id, profile_b=two.profile_id, state=State.OPEN)
    return asked.exclude(pk=but).exists()


def _are_there(*profiles: int) -> bool:
    there = Profile.objects.filter(pk__in=profiles, state=Profile.State.ACTIVE).count()
    return there == len(set(profiles)) > 1


def settle_about(profiles: set[int], act_id: int | None = None) -> None:
    """Settles the open pairs that are about any of these people. The caller holds the turn."""
    about = [row["id"] for row in sql.rows("profiles/pairs_about", {"profiles": list(profiles)})]
    if not about:
        return
    still = Q(record_a__profile=F("profile_a"), record_b__profile=F("profile_b"))
    still &= Q(profile_a__state=Profile.State.ACTIVE, profile_b__state=Profile.State.ACTIVE)
    pairs = MatchPair.objects.filter(~still, pk__in=about)
    for pair in pairs.select_related("record_a", "record_b").order_by("pk"):
        settle(pair, act_id)
