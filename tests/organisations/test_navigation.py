"""The menu shows each reader what they may open."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from organisations import navigation
from organisations.models import Membership, Organisation, User
from organisations.navigation import Entry
from organisations.roles import Can

pytestmark = pytest.mark.django_db


def names(path: str, membership: Membership, place: navigation.Place = "settings") -> list[tuple[str, bool]]:
    request = RequestFactory().get(path)
    request.user = membership.user
    request.membership = membership  # type: ignore[attr-defined]
    return [(item.key, item.current) for item in navigation.for_request(request, place)]


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_entries", {})
    for key, url, position, capability in (
        ("audit", "settings_audit", 3, Can.SEE_AUDIT),
        ("settings", "settings", 1, None),
        ("members", "settings_members", 2, Can.MANAGE_MEMBERS),
    ):
        navigation.register(Entry(key, key, url, "house", position, capability=capability, place="settings"))


def test_it_follows_role_and_position(entries: None, aurora: Organisation, alice: User, bob: User) -> None:
    alices = Membership.objects.get(user=alice)
    bobs = Membership.objects.get(user=bob)
    assert [key for key, _ in names("/", alices)] == ["settings", "members", "audit"]
    assert [key for key, _ in names("/", bobs)] == ["settings"]


def test_the_deepest_entry_is_the_current_one(entries: None, aurora: Organisation, alice: User) -> None:
    membership = Membership.objects.get(user=alice)
    shown = dict(names(reverse("settings_looks"), membership))
    assert shown == {"settings": False, "members": False, "audit": True}


def test_a_count_is_not_asked_for_those_who_do_not_see_it(
    entries: None, aurora: Organisation, bob: User
) -> None:
    def count() -> int:
        raise AssertionError

    navigation.register(
        Entry("merges", "Merges", "settings", "house", 1, capability=Can.MANAGE_TOKENS, count=count)
    )
    assert names("/", Membership.objects.get(user=bob), "main") == []


def test_every_registered_entry_leads_somewhere() -> None:
    for entry in navigation.entries():
        assert reverse(entry.url_name)
