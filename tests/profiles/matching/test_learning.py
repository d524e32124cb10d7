"""What the matcher learns without answers, and how it keeps it."""

import json

import numpy as np
import pytest

from profiles.identity.matching import blocking, compare, em, frequency, platform
from profiles.identity.matching.compare import COMPARISONS
from profiles.identity.matching.model import Model, OldModel
from profiles.identity.matching.score import probability, score
from profiles.identity.matching.table import Table
from tests.profiles.matching.people import population, shown

CLASSES = ("person", "household", "strangers")


@pytest.fixture(scope="module")
def learnt() -> tuple[Table, np.ndarray, Model]:
    table, truth = population(900)
    found = blocking.candidates(table)
    return table, truth, em.train(table, found, compare.levels(table, found.i, found.j))


@pytest.mark.parametrize("name", CLASSES)
def test_probabilities_add_up_in_every_group(learnt: tuple[Table, np.ndarray, Model], name: str) -> None:
    for model in (learnt[2], platform.model()):
        for comparison in COMPARISONS:
            shares = getattr(model, name)[comparison.name]
            assert (shares > 0).all()
            assert np.bincount(comparison.groups, shares) == pytest.approx(1)


def test_the_number_of_pairs_is_found(learnt: tuple[Table, np.ndarray, Model]) -> None:
    _, truth, model = learnt
    sizes = np.unique(truth, return_counts=True)[1]
    assert model.person_rate == pytest.approx((sizes * (sizes - 1)).sum() / len(truth), rel=0.1)


def test_probabilities_are_right_as_often_as_they_say(learnt: tuple[Table, np.ndarray, Model]) -> None:
    table, truth, model = learnt
    found = blocking.candidates(table)
    levels = compare.levels(table, found.i, found.j)
    chance = probability(score(model, table, found.i, found.j, levels).weight)
    same = truth[found.i] == truth[found.j]
    assert chance.sum() == pytest.approx(same.sum(), rel=0.05)
    assert same[chance > 0.99].mean() > 0.99


def test_training_is_the_same_each_time(learnt: tuple[Table, np.ndarray, Model]) -> None:
    table, _, model = learnt
    found = blocking.candidates(table)
    again = em.train(table, found, compare.levels(table, found.i, found.j))
    assert again.dumps() == model.dumps()


def test_a_table_without_homes_has_no_household_class(learnt: tuple[Table, np.ndarray, Model]) -> None:
    assert learnt[2].household_rate < 1e-4
    assert platform.model().household_rate > 0.1


@pytest.mark.parametrize("records", [0, 1, 2, 5])
def test_tiny_tables_use_what_is_believed(records: int) -> None:
    table = Table.of((n, 0, str(n), shown(given_name="Ola", phone="+4790000001")) for n in range(records))
    found = blocking.candidates(table)
    model = em.train(table, found, compare.levels(table, found.i, found.j))
    believed = platform.model()
    for comparison in COMPARISONS:
        if comparison.name != "source":
            assert model.person[comparison.name] == pytest.approx(believed.person[comparison.name], abs=0.1)


def test_a_model_scores_the_same_after_being_stored(learnt: tuple[Table, np.ndarray, Model]) -> None:
    table, _, model = learnt
    found = blocking.candidates(table)
    levels = compare.levels(table, found.i, found.j)
    stored = Model.loads(model.dumps())
    before, after = (score(m, table, found.i, found.j, levels) for m in (model, stored))
    assert after.weight == pytest.approx(before.weight, abs=1e-4)
    assert after.household == pytest.approx(before.household, abs=1e-4)
    assert stored.dumps() == model.dumps()


def test_a_model_of_other_comparisons_is_refused(learnt: tuple[Table, np.ndarray, Model]) -> None:
    stored = json.loads(learnt[2].dumps())
    with pytest.raises(OldModel):
        Model.of_json({**stored, "version": 0})
    with pytest.raises(OldModel):
        Model.of_json({**stored, "person": {**stored["person"], "phone": [0.5, 0.5]}})


def test_a_model_names_nobody(learnt: tuple[Table, np.ndarray, Model]) -> None:
    table, _, model = learnt
    text = model.dumps()
    assert not any(value in text for column in ("email", "phone") for value in table[column].values)


def test_a_shared_contact_point_is_known_by_the_names_on_it() -> None:
    names = "Ola Kari Nora Emma Lars Odd Ida".split(" ")
    of_one = [shown(given_name="Ola", family_name="Hansen", email="ola@example.org")] * 20
    of_many = [shown(given_name=name, family_name="Berg", email="post@example.org") for name in names]
    table = Table.of((n, 0, str(n), row) for n, row in enumerate([*of_one, *of_many]))
    shares = frequency.count(table)["email",].of(table["email"].hashes)
    assert shares[0] < 0.001
    assert shares[-1] == pytest.approx(3 / 27)


def test_rare_names_weigh_more() -> None:
    common = [shown(given_name="Ola", family_name="Hansen", phone=f"+479000{n:04d}") for n in range(60)]
    rare = [shown(given_name="Sverre", family_name="Uthaug", phone=f"+479100{n:04d}") for n in range(2)]
    others, _ = population(200)
    rows = [*common, *rare, *(others.row(n) for n in range(len(others)))]
    table = Table.of((n, 0, str(n), row) for n, row in enumerate(rows))
    i, j = np.array([0, 60]), np.array([1, 61])
    rarity = frequency.rarity(frequency.count(table), table, i, j, compare.levels(table, i, j))
    assert rarity[1, 0] < rarity[0, 0] - 3


def test_namesakes_make_alike_addresses_of_their_names() -> None:
    table, _ = population(900)
    found = blocking.candidates(table)
    model = em.train(table, found, compare.levels(table, found.i, found.j))
    nearly = compare.EMAIL_LEVELS.index("local part nearly the same")
    assert model.namesakes["BOTH"][nearly] > 10 * model.strangers["email"][nearly]
