"""Settings: who is who."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from organisations.audit.models import AccessEntry
from organisations.models import Organisation, User
from profiles.identity import rules
from profiles.models import Identifier, IdentifierBlock, IdentifierKind, Profile, RuleTrial
from tests.conftest import ClientFor
from tests.profiles.sample import deliver, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_aurora")]


@pytest.fixture
def browser(client_for: ClientFor, alice: User, aurora: Organisation) -> Client:
    return client_for(alice, aurora)


def form(**changed: str) -> dict[str, object]:
    """What the page would post with the rules in force, and what was changed on it; "" leaves a box empty."""
    given: dict[str, object] = {"block": [str(b.pk) for b in IdentifierBlock.objects.filter(active=True)]}
    for kind in IdentifierKind.objects.all():
        given |= {
            f"{kind.key}-priority": kind.priority,
            f"{kind.key}-limit": kind.limit_per_person,
            f"{kind.key}-window": kind.window_days or "",
            f"{kind.key}-max": kind.max_profiles,
        }
        given |= {f"{kind.key}-joins": "on"} if kind.joins else {}
    given |= {name.replace("__", "-"): value for name, value in changed.items()}
    return {name: value for name, value in given.items() if value != "off"}


def kari_twice() -> None:
    deliver(
        [
            ticket(n, email="kari@li.no", order=f"o{n}", name=name)
            for n, name in enumerate(("Kari Li", "Kari"))
        ]
    )


def test_a_change_is_tried_shown_applied_and_taken_back(browser: Client) -> None:
    kari_twice()
    assert Profile.objects.filter(state="active").count() == 1
    answer = browser.post(reverse("identity:rules_try"), form(email__joins="off"))
    trial = RuleTrial.objects.get()
    assert answer["Location"] == reverse("identity:rules_trial", args=[trial.pk])
    shown = browser.get(answer["Location"]).content.decode()
    assert "E-mail: Joins people" in shown
    assert "Would be split" in shown
    assert "Kari" in shown
    assert AccessEntry.objects.filter(screen="identity trial").latest("pk").profile_ids == [
        Profile.objects.get(state="active").pk
    ]
    browser.post(reverse("identity:rules_apply", args=[trial.pk]))
    assert Profile.objects.filter(state="active").count() == 2
    browser.post(reverse("identity:rules_undo", args=[trial.pk]))
    assert "taken back since" in browser.get(answer["Location"]).content.decode()
    assert Profile.objects.filter(state="active").count() == 1
    assert IdentifierKind.objects.get(key="email").joins


def test_the_form_as_it_stands_changes_nothing(browser: Client) -> None:
    answer = browser.post(reverse("identity:rules_try"), form(), follow=True)
    assert "These are the rules that count already." in answer.content.decode()
    assert not RuleTrial.objects.exists()


def test_a_value_is_blocked_and_a_standard_one_switched_off(browser: Client) -> None:
    off = IdentifierBlock.objects.get(pattern="-?1")
    given = form(new__value="kari@*", new__kind="email", new__reason="a test")
    given["block"] = [pk for pk in given["block"] if pk != str(off.pk)]  # type: ignore[attr-defined]
    browser.post(reverse("identity:rules_try"), given)
    wanted = rules.RuleSet.of_json(RuleTrial.objects.get().wanted)
    assert rules.Block("email", r"kari@.*", "a test", "person") in wanted.blocks
    assert [b.active for b in wanted.blocks if b.pattern == "-?1"] == [False]
    page = browser.get(reverse("identity:rules"), {"trial": RuleTrial.objects.get().pk}).content.decode()
    assert "kari@*" in page


def test_what_is_no_number_is_refused_in_words(browser: Client) -> None:
    answer = browser.post(reverse("identity:rules_try"), form(email__max="many"), follow=True)
    assert "“many” is not a number." in answer.content.decode()


def test_what_has_changed_since_is_said_and_can_be_tried_again(browser: Client) -> None:
    kari_twice()
    browser.post(reverse("identity:rules_try"), form(email__joins="off"))
    trial = RuleTrial.objects.get()
    deliver([ticket(3, email="kari@li.no", order="o3", name="K Li")])
    browser.post(reverse("identity:rules_apply", args=[trial.pk]))
    shown = browser.get(reverse("identity:rules_trial", args=[trial.pk])).content.decode()
    assert "Not applied." in shown
    answer = browser.post(reverse("identity:rules_again", args=[trial.pk]))
    again = RuleTrial.objects.latest("pk")
    assert answer["Location"] == reverse("identity:rules_trial", args=[again.pk])
    browser.post(reverse("identity:rules_apply", args=[again.pk]))
    assert not IdentifierKind.objects.get(key="email").joins


def test_a_held_value_is_shown_with_how_many_it_is_on_and_judged(browser: Client) -> None:
    IdentifierKind.objects.filter(key="email").update(max_profiles=2)
    deliver(
        [
            ticket(n, email="post@theatre.no", name=f"{name} Li")
            for n, name in enumerate(("Kari", "Ola", "Per"))
        ]
    )
    held = Identifier.objects.get(kind="email")
    page = browser.get(reverse("identity:rules")).content.decode()
    assert "on 3 people" in page
    assert len(AccessEntry.objects.filter(screen="identity rules").latest("pk").profile_ids) == 3
    browser.post(reverse("identity:rules_judge", args=[held.pk]), {"state": "shared"})
    held.refresh_from_db()
    assert (held.state, held.decided_by) == ("shared", "alice@example.org")


def test_a_kind_of_the_organisations_own_is_added_once(browser: Client) -> None:
    for _ in range(2):
        browser.post(reverse("identity:rules_kind"), {"label": "Season card", "role": "account_key"})
    assert IdentifierKind.objects.filter(key="season_card", limit_per_person=1, per_source=False).count() == 1


def test_the_settings_admin_shows_rules_and_changes_none(browser: Client) -> None:
    kari_twice()
    email = Identifier.objects.get(kind="email")
    for name, pk in (("identifierkind", "email"), ("identifierblock", "1"), ("identifier", f"{email.pk}")):
        assert browser.get(reverse(f"admin:profiles_{name}_changelist")).status_code == 200
        url = reverse(f"admin:profiles_{name}_change", args=[pk])
        assert browser.post(url, {"state": "shared", "max_profiles": 1}).status_code == 403
        assert browser.get(reverse(f"admin:profiles_{name}_add")).status_code == 403
    email.refresh_from_db()
    assert email.state == "normal"
