"""What goes with an example, and what the next organisation of its name does not find."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from organisations import example, verbs
from organisations.models import Organisation, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def places(settings: Settings, tmp_path: Path) -> Path:
    settings.FOYER_DATA, settings.FOYER_FILES = tmp_path, tmp_path / "files"
    return tmp_path


@pytest.fixture
def gone(aurora: Organisation, alice: User, places: Path) -> Organisation:
    """Aurora as an example with files, removed by Alice."""
    for path in ("files/aurora/in/a.csv", "files/borealis/b.csv", "spool/aurora-1", "spool/borealis-1"):
        (places / path).parent.mkdir(parents=True, exist_ok=True)
        (places / path).write_bytes(b"x")
    (places / "files/aurora/theirs").symlink_to(places / "files/borealis")
    aurora.is_demo = True
    example.remove(actor=alice, organisation=aurora)
    return aurora


def test_its_files_go_and_nobody_else_s(gone: Organisation, places: Path) -> None:
    left = {str(path.relative_to(places)) for path in places.rglob("*") if path.is_file()}
    assert left == {"files/borealis/b.csv", "spool/borealis-1", "examples-removed/aurora"}
    assert not (places / "files/aurora").exists()


@pytest.mark.parametrize(("removed", "wanted"), [("aurora", "aurora"), ("north-light", "north_light")])
def test_its_name_is_given_to_nobody_again(places: Path, removed: str, wanted: str) -> None:
    """Messages that wait in the queue name the schema."""
    (places / "examples-removed").mkdir()
    (places / "examples-removed" / removed).touch()
    with pytest.raises(ValidationError, match="An example had this short name"):
        verbs.create_organisation(actor=None, name="New", slug=wanted)


def test_the_form_says_so_at_the_field(gone: Organisation, places: Path, client: Client) -> None:
    client.force_login(User.objects.create_user("olga@example.org", name="Olga", is_operator=True))
    form = {
        "name": "Aurora", "slug": "aurora", "country": "NO", "time_zone": "Europe/Oslo", "language": "nb",
        "administrator": "olga@example.org",
    }  # fmt: skip
    answer = client.post(reverse("organisation_new"), form)
    assert answer.context["form"].errors["slug"] == ["An example had this short name. Choose another one."]


def test_one_that_is_there_is_changed_as_ever(aurora: Organisation, alice: User, places: Path) -> None:
    (places / "examples-removed").mkdir()
    (places / "examples-removed" / "aurora").touch()
    assert verbs.change_organisation(actor=alice, organisation=aurora, name="Nordlys") == ["name"]
