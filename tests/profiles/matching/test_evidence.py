"""Why two records are thought to be one, looking one record up, and learning from answers."""

import time

import numpy as np
import pytest

from profiles.identity.matching import compare, evidence, rerank
from profiles.identity.matching.lookup import candidates_and_scores
from profiles.identity.matching.match import Matched, match
from profiles.identity.matching.rerank import Reranker
from profiles.identity.matching.score import score
from profiles.identity.matching.table import Table
from tests.profiles.matching.people import population


@pytest.fixture(scope="module")
def matched() -> tuple[Table, np.ndarray, Matched]:
    table, truth = population(700, seed=3)
    return table, truth, match(table)


def test_the_pieces_add_up_to_the_weight(matched: tuple[Table, np.ndarray, Matched]) -> None:
    table, _, found = matched
    i, j, weight = found.pairs
    for n in range(0, len(i), max(1, len(i) // 25)):
        sources = int(table.sources[i[n]]), int(table.sources[j[n]])
        pieces = evidence.explain(found.model, table.row(i[n]), table.row(j[n]), sources)
        assert sum(p.weight for p in pieces) == pytest.approx(weight[n], abs=1e-3)


def test_the_strongest_piece_comes_first_and_the_prior_last(
    matched: tuple[Table, np.ndarray, Matched],
) -> None:
    table, _, found = matched
    pieces = evidence.explain(found.model, table.row(0), table.row(0))
    strength = [abs(p.weight) for p in pieces[:-1]]
    assert strength == sorted(strength, reverse=True)
    assert pieces[-1].comparison == "prior"
    assert {p.level for p in pieces[:-1]} <= {level for c in compare.COMPARISONS for level in c.levels}


def test_what_is_unknown_is_no_evidence(matched: tuple[Table, np.ndarray, Matched]) -> None:
    table, _, found = matched
    known = {p.comparison for p in evidence.explain(found.model, table.row(0), table.row(1))}
    assert "second_line" not in known
    assert "account" not in known


def test_a_record_finds_itself_first(matched: tuple[Table, np.ndarray, Matched]) -> None:
    table, _, found = matched
    rows = [(int(table.ids[n]), table.row(n).texts()) for n in range(200)]
    for n in range(0, 200, 20):
        listed = candidates_and_scores(found.model, table.row(n), rows)
        assert [weight for _, _, weight in listed] == sorted((w for _, _, w in listed), reverse=True)
        assert listed[0][2] == pytest.approx({id_: w for id_, _, w in listed}[int(table.ids[n])])
        assert 0 <= listed[-1][1] <= listed[0][1] <= 1


def test_nobody_to_compare_with_is_nobody_found(matched: tuple[Table, np.ndarray, Matched]) -> None:
    table, _, found = matched
    assert candidates_and_scores(found.model, table.row(0), []) == []


def test_looking_up_among_660_is_quick(matched: tuple[Table, np.ndarray, Matched]) -> None:
    table, _, found = matched
    rows = [(n, table.row(n).texts()) for n in range(660)]
    spent = []
    for n in range(30):
        begun = time.process_time()
        candidates_and_scores(found.model, table.row(n), rows)
        spent.append(time.process_time() - begun)
    assert sorted(spent)[15] < 0.05  # milliseconds where nothing else runs; a ceiling for slow machines


def vectors_and_truth(matched: tuple[Table, np.ndarray, Matched]) -> tuple[np.ndarray, np.ndarray]:
    table, truth, found = matched
    i, j, _ = found.pairs
    levels = compare.levels(table, i, j)
    return rerank.vectors(found.model, table, i, j, levels), truth[i] == truth[j]


def test_a_reranker_is_kept_where_it_wins(matched: tuple[Table, np.ndarray, Matched]) -> None:
    vectors, answers = vectors_and_truth(matched)
    vectors[:, 0] -= 10  # a weight that is too careful by ten bits
    kept = rerank.fit(vectors, answers)
    assert kept is not None
    assert ((kept.weight(vectors) > 0) == answers).mean() > ((vectors[:, 0] > 0) == answers).mean()
    again = Reranker.loads(kept.dumps())
    assert again.weight(vectors) == pytest.approx(kept.weight(vectors))


def test_a_reranker_is_not_kept_where_answers_are_noise(matched: tuple[Table, np.ndarray, Matched]) -> None:
    vectors, truth = vectors_and_truth(matched)
    best = vectors.copy()
    best[:, 0] = np.where(truth, 20.0, -20.0)
    assert rerank.fit(best, truth) is None


def test_too_few_or_one_sided_answers_teach_nothing(matched: tuple[Table, np.ndarray, Matched]) -> None:
    vectors, truth = vectors_and_truth(matched)
    assert rerank.fit(vectors[:199], truth[:199]) is None
    assert rerank.fit(vectors, np.ones(len(vectors), np.bool_)) is None


def test_the_first_of_a_rerankers_columns_is_the_weight(matched: tuple[Table, np.ndarray, Matched]) -> None:
    table, _, found = matched
    i, j, weight = found.pairs
    levels = compare.levels(table, i, j)
    seen = rerank.vectors(found.model, table, i, j, levels)
    assert seen[:, 0] == pytest.approx(np.clip(weight, -20, 20))
    assert score(found.model, table, i, j, levels).weight == pytest.approx(weight)
