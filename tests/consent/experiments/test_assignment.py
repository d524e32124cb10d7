"""Who sees which variant: decided on the server, the same for as long as the test runs."""

from __future__ import annotations

from collections import Counter

import pytest

from consent.experiments import assignment, statistics
from consent.models import Experiment, FormServed
from tests.consent.experiments import lab

pytestmark = pytest.mark.usefixtures("in_aurora")


def test_without_a_test_everybody_sees_the_live_version() -> None:
    form = lab.form()

    found = assignment.assign(form, "view:1")

    assert (found.version, found.experiment, found.variant, found.mark) == (form.versions.get(), None, "", "")


def test_a_form_that_is_not_live_shows_nothing() -> None:
    form = lab.form()
    form.versions.update(published_at=None)

    with pytest.raises(assignment.NoVersion):
        assignment.assign(form, "view:1")


def test_a_unit_keeps_its_variant_and_units_are_spread_by_weight() -> None:
    test = lab.experiment(weights=(3, 1))

    seen = {n: assignment.assign(test.form, f"basket:{n}") for n in range(60)}
    again = {n: assignment.assign(test.form, f"basket:{n}") for n in range(60)}
    arms = list(test.variants.all())
    spread = Counter(assignment.choose(test.secret, arms, f"basket:{n}").key for n in range(8000))

    assert seen == again
    assert {each.variant for each in seen.values()} == {"a", "b"}
    assert all(each.version == test.variants.get(key=each.variant).version for each in seen.values())
    assert seen[1].mark == f"{test.pk}/{seen[1].variant}"
    assert statistics.sample_ratio([spread["a"], spread["b"]], [3, 1]) > 0.01


def test_another_test_deals_anew() -> None:
    one, other = (assignment.bucket(secret, "basket:1") for secret in ("a", "b"))
    same = sum(
        assignment.bucket("a", f"basket:{n}") % 2 == assignment.bucket("b", f"basket:{n}") % 2
        for n in range(2000)
    )

    assert one != other
    assert 880 < same < 1120


def test_a_stopped_test_assigns_nobody() -> None:
    test = lab.experiment(state=Experiment.State.STOPPED)

    assert assignment.assign(test.form, "basket:1").mark == ""


@pytest.mark.parametrize("unit", ["", "8841", "cookie:1", "basket:"])
def test_a_unit_says_what_it_is(unit: str) -> None:
    with pytest.raises(ValueError, match="basket"):
        assignment.assign(lab.form(), unit)


def test_a_unit_is_hashed_for_its_form_and_stored_only_so() -> None:
    one, other = lab.form(), lab.form()

    digest = assignment.unit_hash(one, "person:17")

    assert len(digest) == 32
    assert digest != assignment.unit_hash(other, "person:17")
    assert b"17" not in digest
    assert "unit" in {field.name for field in FormServed._meta.fields}
