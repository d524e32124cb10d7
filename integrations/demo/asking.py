"""A form that asks for the newsletter, and a test of two wordings of it that has found its winner.

Everything goes through the verbs that people use; only the days are not waited for. What
visitors did is drawn with a fixed seed. They are nobody: no person is made of them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random

from django.db import transaction

from cdp.lib import clock
from consent.collecting import recipes, verbs
from consent.experiments import assignment, exposure, results, words
from consent.experiments import verbs as experiments
from consent.models import ConsentForm, Experiment
from organisations.models import User

KEY = "newsletter"
DAYS = 13
VISITORS = 900
SHARES = {"a": 0.30, "b": 0.47}
HEADING = "Vil du høre om nye forestillinger?"
INTRO = "Høyst fire e-poster i måneden. Ett klikk, og det er slutt."


def form_and_test(lead: User, language: str = "nb") -> str:
    """Makes both where they are missing; answers what is to be told, empty where there is nothing new."""
    if ConsentForm.objects.filter(key=KEY).exists():
        return ""
    read = recipes.spec_of(recipes.find("choice"), [language], registrar=lead)
    form = verbs.make(actor=lead, key=KEY, name="Newsletter on the website", locale=language, read=read)
    live = verbs.publish(form.versions.get(), actor=lead)
    form.refresh_from_db()
    shorter = replace(read.locales[language], heading=HEADING, intro=INTRO)
    other = verbs.save_draft(actor=lead, form=form, read=replace(read, locales={language: shorter}))
    test = experiments.draft(
        actor=lead,
        form=form,
        name="Does it help to say how seldom we write?",
        purpose="marketing.newsletter",
        channel="email",
        versions=[live, other],
        expected_share=SHARES["a"],
        smallest_lift=0.05,
    )
    experiments.start(actor=lead, test=test)
    _visits(form, test, language)
    return words.verdict(results.look(test)).headline


def _visits(form: ConsentForm, test: Experiment, language: str) -> None:
    """Two weeks of visitors, shown and answered one by one."""
    chance, start = Random(4), clock.now() - dt.timedelta(days=DAYS)  # noqa: S311 - example data
    test.secret, test.started_at = f"{chance.getrandbits(256):064x}", start
    test.save(update_fields=["secret", "started_at"])
    with transaction.atomic():
        for number in range(VISITORS):
            _visit(form, language, number, start, chance)


def _visit(form: ConsentForm, language: str, number: int, start: dt.datetime, chance: Random) -> None:
    at = start + dt.timedelta(days=DAYS) * (number / VISITORS)
    assigned = assignment.assign(form, f"view:example {number}")
    exposure.served(assigned, form, language, at)
    if chance.random() < 0.9:
        yes = chance.random() < SHARES[assigned.variant] / 0.9
        exposure.answered(form, assigned.unit_hash, yes, at + dt.timedelta(seconds=9), chance.randint(3, 20))
    if chance.random() < 0.05:
        exposure.understood(form, assigned.unit_hash, chance.random() < 0.9)
