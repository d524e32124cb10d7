"""The whole matcher on made-up people with known truth."""

import numpy as np
import pytest

from profiles.identity.matching.match import match
from profiles.identity.matching.table import Table
from tests.profiles.matching.people import f1, population, shown


def test_people_are_found() -> None:
    table, truth = population(1_200)
    found = match(table)
    assert f1(truth, found.labels) > 0.97
    sure = [p for p in found.proposals if p.band == "automatic"]
    assert len(sure) > 300
    assert np.mean([truth[p.a] == truth[p.b] for p in sure]) > 0.995


def test_the_order_of_rows_does_not_change_who_is_who() -> None:
    table, _ = population(400)
    order = np.random.default_rng(1).permutation(len(table))
    turned = Table.of((int(table.ids[n]), int(table.sources[n]), table.keys[n], table.row(n)) for n in order)
    model = match(table).model
    before, after = match(table, model=model), match(turned, model=model)
    groups = [
        frozenset(np.flatnonzero(before.labels == label).tolist()) for label in np.unique(before.labels)
    ]
    again = [frozenset(order[after.labels == label].tolist()) for label in np.unique(after.labels)]
    assert set(groups) == set(again)


def test_starting_groups_and_what_people_said_hold() -> None:
    table, truth = population(300)
    found = match(table)
    joined = next(p for p in found.proposals if found.labels[p.a] == found.labels[p.b])
    apart = [({int(table.ids[joined.a])}, {int(table.ids[joined.b])})]
    assert (labels := match(table, cannot=apart).labels)[joined.a] != labels[joined.b]
    strangers = np.flatnonzero(truth != truth[0])[0]
    start = np.arange(len(table))
    start[strangers] = start[0]
    assert (labels := match(table, initial=start).labels)[0] == labels[strangers]


def test_two_people_of_one_home_are_a_household_not_one_person() -> None:
    couple = []
    for n in range(150):
        home = {
            "family_name": f"Vik{chr(97 + n % 26)}{chr(97 + n // 26)}sen",
            "street": f"Storgata {n}",
            "postal_code": f"0{n + 100}",
        }
        for given, year in (("Kari", 1970), ("Ola", 1972)):
            own = {
                "given_name": given,
                "birth_text": f"{year}01{n % 28 + 1:02d}",
                "phone": f"+47{year}{n:04d}",
            }
            couple += [(given, n, shown(**home, **own)), (given, n, shown(**home, **own))]
    table = Table.of((n, n % 2, str(n), row) for n, (_, _, row) in enumerate(couple))
    truth = np.unique([f"{given}{n}" for given, n, _ in couple], return_inverse=True)[1]
    found = match(table)
    assert f1(truth, found.labels) == pytest.approx(1)
    assert len(found.households.a) >= 140
    assert all(
        couple[a][1] == couple[b][1] for a, b in zip(found.households.a, found.households.b, strict=True)
    )


def test_the_report_says_what_was_done() -> None:
    table, _ = population(100)
    report = match(table).report
    assert report.records == len(table)
    assert report.candidates > 0
    assert set(report.seconds) == {"candidates", "compare", "rarity", "train", "score", "cluster", "judge"}


@pytest.mark.parametrize("records", [0, 1, 3])
def test_hardly_any_records_are_no_trouble(records: int) -> None:
    found = match(Table.of((n, 0, str(n), shown(given_name="Ola")) for n in range(records)))
    assert found.labels.tolist() == list(range(records))
    assert len(found.proposals) == 0
