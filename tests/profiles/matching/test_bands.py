"""What is joined by itself and what a person is asked."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from profiles.identity.matching import bands
from profiles.identity.matching.bands import Proposals
from profiles.identity.matching.table import Features, Table
from tests.profiles.matching.people import shown

SURE, LIKELY, UNLIKELY = 15.0, 3.0, -3.0


def judged(
    rows: Sequence[Features],
    edges: dict[tuple[int, int], float],
    *,
    start: Sequence[int] | None = None,
    labels: Sequence[int] | None = None,
    **options: Any,
) -> Proposals:
    table = Table.of((n, 0, str(n), row) for n, row in enumerate(rows))
    i, j = np.array(list(edges)).T
    return bands.judge(
        table, i, j, np.array(list(edges.values())),
        start=np.array(start if start is not None else range(len(rows))),
        labels=np.array(labels if labels is not None else [0] * len(rows)), **options,
    )  # fmt: skip


def said(found: Proposals) -> list[tuple[int, int, str, str]]:
    return [(p.a, p.b, p.band, p.blocked_by) for p in found]


def account(value: str, space: str = "shop") -> Features:
    return shown(accounts=(("customer", space, value),))


def test_sure_pairs_are_automatic_likely_ones_are_asked_about() -> None:
    found = judged([shown()] * 4, {(0, 1): SURE, (1, 2): LIKELY, (2, 3): UNLIKELY})
    assert said(found) == [(0, 1, "automatic", ""), (1, 2, "review", "")]
    assert found[0].probability > 0.999 > found[1].probability > 0.5


def test_thresholds_can_be_moved() -> None:
    edges = {(0, 1): SURE, (1, 2): LIKELY, (2, 3): UNLIKELY}
    assert len(judged([shown()] * 4, edges, review=0.01)) == 3
    assert said(judged([shown()] * 4, edges, automatic=0.8))[1][2] == "automatic"


def test_two_groups_are_named_once_by_their_best_pair() -> None:
    found = judged([shown()] * 4, {(0, 2): LIKELY, (1, 3): SURE}, start=[0, 0, 1, 1])
    assert said(found) == [(1, 3, "automatic", "")]


def test_what_is_one_already_is_not_proposed() -> None:
    assert len(judged([shown()] * 2, {(0, 1): SURE}, start=[0, 0])) == 0


def test_two_accounts_of_one_source_are_asked_about() -> None:
    assert said(judged([account("1"), account("2")], {(0, 1): SURE})) == [(0, 1, "review", "accounts")]
    assert said(judged([account("1"), account("2", "box office")], {(0, 1): SURE}))[0][2] == "automatic"


def test_two_birth_dates_are_asked_about() -> None:
    rows = [shown(birth_text="19800203"), shown(birth_text="19800302")]
    assert said(judged(rows, {(0, 1): SURE})) == [(0, 1, "review", "birth_dates")]


def test_two_accounts_do_not_meet_through_a_third_record() -> None:
    rows = [account("1"), shown(), account("2")]
    found = judged(rows, {(0, 1): SURE + 1, (1, 2): SURE})
    assert said(found) == [(0, 1, "automatic", ""), (1, 2, "review", "accounts")]


def test_more_than_twelve_records_are_asked_about() -> None:
    found = judged([shown()] * 13, {(row, row + 1): SURE - row / 100 for row in range(12)})
    assert [p.blocked_by for p in found] == [""] * 11 + ["size"]


def test_the_groups_evidence_may_speak_against_it() -> None:
    assert said(judged([shown()] * 2, {(0, 1): SURE}, labels=[0, 1])) == [(0, 1, "review", "contradiction")]


def test_a_limit_is_asked_about() -> None:
    found = judged([shown()] * 2, {(0, 1): SURE}, may_join=lambda a, b: False)
    assert said(found) == [(0, 1, "review", "limit")]


def test_proposals_can_be_taken_apart() -> None:
    found = judged([shown()] * 3, {(0, 1): SURE, (1, 2): LIKELY})
    assert len(found[:1]) == 1
    assert found[-1].b == 2
    assert isinstance(found[0].a, int)
