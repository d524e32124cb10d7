"""What operators see: counts, never people."""

import pytest
from django.urls import reverse

from cdp.lib.tenancy import current_schema
from organisations import health
from organisations.health import Check, Reading
from organisations.models import Organisation, User
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga(db: None) -> User:
    return User.objects.create_user("olga@example.org", name="Olga", is_operator=True)


@pytest.fixture
def a_check(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A check that says where it was run."""
    asked: list[str] = []

    def read() -> Reading:
        asked.append(current_schema())
        return Reading("bad" if current_schema() == "aurora" else "good", f"3 failed in {current_schema()}")

    monkeypatch.setattr(health, "_checks", {})
    health.register(Check("runs", "Runs", read))
    return asked


def test_it_reads_each_check_inside_each_organisation(
    olga: User, aurora: Organisation, borealis: Organisation, a_check: list[str], client_for: ClientFor
) -> None:
    page = client_for(olga, None).get(reverse("platform")).content.decode()
    assert sorted(a_check) == ["aurora", "borealis"]
    assert "3 failed in aurora" in page
    assert "3 failed in borealis" in page


def test_the_worst_reading_marks_the_organisation(aurora: Organisation, a_check: list[str]) -> None:
    found = health.read_all([aurora])[0]
    assert found.worst == "bad"
    assert current_schema() == "public"


def test_it_shows_no_member_by_name(
    olga: User, alice: User, aurora: Organisation, client_for: ClientFor
) -> None:
    page = client_for(olga, None).get(reverse("platform")).content.decode()
    assert "Aurora Scene" in page
    assert "alice" not in page.lower()


def test_the_menu_shows_it_to_operators_only(
    olga: User, alice: User, aurora: Organisation, client_for: ClientFor
) -> None:
    settings = reverse("settings_account")
    assert reverse("platform") in client_for(olga, None).get(settings).content.decode()
    assert reverse("platform") not in client_for(alice, aurora).get(settings).content.decode()
