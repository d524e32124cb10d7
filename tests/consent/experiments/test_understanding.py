"""The one question after the form: to 2 in 100, sealed for one unit of one organisation."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django_tenants.utils import tenant_context

from consent.experiments import assignment, exposure, understanding
from consent.experiments.assignment import Assigned
from consent.experiments.understanding import Question
from consent.models import Experiment, FormServed
from organisations.models import Organisation
from tests.conftest import OrganisationClient
from tests.consent.experiments import lab
from tests.consent.experiments.lab import START

pytestmark = pytest.mark.usefixtures("in_aurora")
NEWS = ["marketing.newsletter"]


@pytest.fixture(name="test")
def a_test() -> Experiment:
    return lab.experiment()


def asked(test: Experiment) -> tuple[Assigned, Question]:
    """The first unit that falls into the sample, shown the form."""
    for n in range(2000):
        assigned = assignment.assign(test.form, f"basket:{n}")
        if question := understanding.ask(assigned, test.form, NEWS):
            exposure.served(assigned, test.form, "nb", START)
            return assigned, question
    raise AssertionError("2 in 100 are asked")


def post(organisation: Organisation, sealed: str, key: str) -> int:
    url = reverse("experiments:understood", args=[organisation.slug])
    client: Client = OrganisationClient()
    status: int = client.post(url, {"question": sealed, "answer": key}).status_code
    return status


def test_two_in_a_hundred_are_asked_whatever_they_see(test: Experiment) -> None:
    version = test.variants.get(key="a").version
    units = (assignment.unit_hash(test.form, f"basket:{n}") for n in range(3000))
    answers = [understanding.ask(Assigned(version, test, "a", unit), test.form, NEWS) for unit in units]

    assert 30 <= len(list(filter(None, answers))) <= 95


def test_nobody_is_asked_without_a_test_or_about_what_has_no_plain_words(test: Experiment) -> None:
    assigned, _question = asked(test)
    untested = Assigned(assigned.version, None, "", assigned.unit_hash)

    assert understanding.ask(untested, test.form, NEWS) is None
    assert understanding.ask(assigned, test.form, ["house.own"]) is None


@pytest.mark.parametrize(("key", "right"), [("marketing.newsletter", True), ("survey", False)])
def test_the_answer_is_kept_once_with_the_exposure(
    test: Experiment, aurora: Organisation, key: str, right: bool
) -> None:
    _assigned, question = asked(test)

    first = post(aurora, question.sealed, key)
    again = post(aurora, question.sealed, "nothing" if right else "marketing.newsletter")

    assert (first, again) == (200, 200)
    assert FormServed.objects.get().understood is right


def test_the_thanks_may_stand_where_the_form_may(test: Experiment, aurora: Organisation) -> None:
    test.form.origins = ["https://theatre.example"]
    test.form.save()
    _assigned, question = asked(test)
    url = reverse("experiments:understood", args=[aurora.slug])

    answer = OrganisationClient().post(url, {"question": question.sealed, "answer": "survey"})

    assert "frame-ancestors https://theatre.example" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers


def test_the_right_answer_is_among_four(test: Experiment) -> None:
    assigned, question = asked(test)
    nothing = understanding.ask(assigned, test.form, [])

    assert len(question.options) == len(dict(question.options)) == understanding.OFFERED
    assert "marketing.newsletter" in dict(question.options)
    assert nothing
    assert "nothing" in dict(nothing.options)
    assert assigned.unit_hash.hex() not in question.sealed


def test_another_organisations_question_and_nonsense_are_nowhere(
    test: Experiment, aurora: Organisation, borealis: Organisation
) -> None:
    _assigned, question = asked(test)
    with tenant_context(borealis):
        lab.experiment()

    assert post(borealis, question.sealed, "survey") == 404
    assert post(aurora, "nonsense", "survey") == 404
    assert post(aurora, question.sealed, "house.own") == 404
    assert FormServed.objects.get().understood is None
    assert Client().get(reverse("experiments:understood", args=[aurora.slug])).status_code == 405
