"""The pages about tests: what a marketer reads, and what the buttons do."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from consent.models import ConsentForm, Experiment
from organisations.models import Organisation, User
from tests.conftest import ClientFor
from tests.consent.experiments import lab
from tests.consent.experiments.lab import START

pytestmark = pytest.mark.usefixtures("in_aurora")


@pytest.fixture
def bobs(client_for: ClientFor, bob: User, aurora: Organisation) -> Client:
    return client_for(bob, aurora)


@pytest.fixture
def alices(client_for: ClientFor, alice: User, aurora: Organisation) -> Client:
    return client_for(alice, aurora)


def read(client: Client, test: Experiment | None = None) -> str:
    """The page as one line of text."""
    url = reverse("experiments:one", args=[test.pk]) if test else reverse("experiments:list")
    answer = client.get(url)
    assert answer.status_code == 200
    return words(answer.content.decode())


def words(html: str) -> str:
    main = html[html.index("<main") :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def test_an_empty_list_says_what_a_test_is(bobs: Client) -> None:
    assert "No form has been tested yet" in read(bobs)


def test_the_list_tells_each_verdict(bobs: Client) -> None:
    lab.a_running_test(Organisation())

    assert "B asks better: 35.9 % say yes, instead of 34.3 % with A." not in read(bobs)
    assert "No difference has shown so far." in read(bobs)


def test_a_clear_winner_is_told_in_one_sentence_with_its_plots(bobs: Client) -> None:
    test = lab.experiment()
    lab.expose(test, "a", 40, 12, days=9)
    lab.expose(test, "b", 40, 14, days=9)
    lab.counted(test, "a", served=1960, yes=588)
    lab.counted(test, "b", served=1960, yes=706)

    with time_machine.travel(START + timedelta(days=10), tick=False):
        html = bobs.get(reverse("experiments:one", args=[test.pk])).content.decode()

    page = words(html)
    assert "B asks better: 36.0 % say yes, instead of 30.0 % with A." in page
    assert html.count("<figure") == 2
    assert html.count("Show as table") == 2
    assert "Nothing speaks against B." in page
    assert "B, z test p = 0.00005 +3.1 to +8.9" in page
    assert "style=" not in html[html.index("<main") :]


def test_hidden_results_show_no_answers(bobs: Client) -> None:
    """C165."""
    test = lab.experiment()
    lab.counted(test, "a", served=5200, yes=1111)
    lab.counted(test, "b", served=4800, yes=2222)

    page = read(bobs, test)

    assert "sample ratio, p = 0.00006" in page
    for told in ("1,111", "2,222", "21.4 %", "46.3 %"):
        assert told not in page


def test_an_early_test_says_until_when(bobs: Client) -> None:
    test = lab.experiment()
    lab.expose(test, "a", 20, 5, days=1)
    lab.expose(test, "b", 20, 9, days=1)

    with time_machine.travel(START + timedelta(days=1), tick=False):
        page = read(bobs, test)

    assert "It is too early to say anything." in page
    assert "until 9 November 2026" in page
    assert "How a whole week answers" in page


def test_choosing_a_form_says_why_one_cannot_be_tested(bobs: Client) -> None:
    lab.form()
    ready = ConsentForm.objects.get(key=lab.a_live_form(Organisation())["key"])
    running = lab.experiment()

    html = bobs.get(reverse("experiments:choose")).content.decode()

    assert "There is no other version yet" in html
    assert reverse("experiments:new", args=[ready.key]) in html
    assert reverse("experiments:new", args=[running.form.key]) not in html
    assert reverse("experiments:one", args=[running.pk]) in html


def test_the_length_follows_what_is_chosen(bobs: Client) -> None:
    key = lab.a_live_form(Organisation())["key"]
    form = ConsentForm.objects.get(key=key)
    test = lab.experiment(form, state=Experiment.State.STOPPED)
    lab.expose(test, "a", 200, 60, days=2)
    url = reverse("experiments:new", args=[key])

    with time_machine.travel(START + timedelta(days=2), tick=False):
        whole = bobs.get(url).content.decode()
        part = bobs.get(
            url, {"share": "30", "lift": "5", "versions": ["1", "2"]}, headers={"hx-request": "true"}
        )
        nonsense = bobs.get(url, {"share": "99", "lift": "5"}, headers={"hx-request": "true"})

    assert 'value="30"' in whole
    assert "about 100 people a day" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert "each of 3 variants" in part.content.decode()
    assert "Say how many say yes today" in nonsense.content.decode()


def test_preparing_and_starting_a_test(bobs: Client) -> None:
    form = ConsentForm.objects.get(key=lab.a_live_form(Organisation())["key"])
    other = form.versions.get(number=2)
    given = {
        "name": "Is shorter better?", "versions": [other.pk], "question": "marketing.newsletter/email",
        "share": "30", "lift": "5",
    }  # fmt: skip

    answer = bobs.post(reverse("experiments:new", args=[form.key]), given)
    test = Experiment.objects.get()
    page = read(bobs, test)
    bobs.post(reverse("experiments:start", args=[test.pk]))

    assert answer["Location"] == reverse("experiments:one", args=[test.pk])
    assert "No dark pattern found" in page or "What the check says" in page
    assert Experiment.objects.get().state == Experiment.State.RUNNING
    assert (test.smallest_lift, test.expected_share) == (0.05, 0.3)


def test_what_stops_a_test_is_shown_on_it(bobs: Client) -> None:
    test = lab.experiment(state=Experiment.State.DRAFT, started_at=None)
    asked = test.form.point.text
    assert asked
    other = test.variants.get(key="b").version
    other.spec = lab.spec(asked, no_style="link")
    other.save()

    page = read(bobs, test)

    assert "This test cannot start." in page
    assert "L02" in page
    assert "Start the test" not in page


def test_a_marketer_cannot_override_and_the_privacy_lead_can(bobs: Client, alices: Client) -> None:
    """C168, on the page."""
    test = lab.experiment()
    lab.counted(test, "a", served=2000, yes=600)
    lab.counted(test, "b", served=2000, yes=720)
    lab.yeses(test, "a", 60, regret=3)
    lab.yeses(test, "b", 72, regret=16)
    url, given = reverse("experiments:promote", args=[test.pk]), {"variant": "b", "reason": "I say so"}

    page = read(bobs, test)
    refused = bobs.post(url, given, follow=True)

    assert "Only the privacy lead can publish it nevertheless" in page
    assert "Took it back within 30 days: 22.2 %" in refused.content.decode()
    assert Experiment.objects.get().state == Experiment.State.RUNNING
    assert "Publish B nevertheless" in read(alices, test)

    alices.post(url, given)

    assert Experiment.objects.get().winner == "b"
    assert "In spite of what spoke against it, because: “I say so”" in read(bobs, test)


def test_a_variant_that_is_not_there_is_not_promoted(bobs: Client) -> None:
    test = lab.experiment()

    bobs.post(reverse("experiments:promote", args=[test.pk]), {"variant": "z"})

    assert Experiment.objects.get().state == Experiment.State.RUNNING
