"""The small parts every page is made of."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client, override_settings
from django.utils import timezone, translation

from organisations.templatetags import foyer

TEMPLATES = Path(settings.BASE_DIR) / "templates"


def render(source: str, **context: object) -> str:
    return Template("{% load foyer %}" + source).render(Context(context))


def test_a_state_has_a_word_and_a_sign() -> None:
    shown = render("{% badge state %}", state="failed")
    assert 'class="badge bad"' in shown
    assert "sprite.svg#x" in shown
    assert "Failed" in shown


def test_a_state_nobody_foresaw_is_shown_by_its_name_and_never_as_markup() -> None:
    assert "being odd" in render("{% badge state %}", state="being_odd")
    assert "<b>" not in render("{% badge state %}", state="<b>")


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (Decimal("1250"), "NOK", "NOK\u00a01,250"),
        (Decimal("12.5"), "", "12.50"),
        (Decimal("0"), "EUR", "EUR\u00a00"),
        (None, "NOK", "–"),
    ],
)
def test_money_has_no_needless_decimals(amount: Decimal | None, currency: str, shown: str) -> None:
    assert foyer.money(amount, currency) == shown


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Solveig Ødegård", "SØ"), ("Per", "PE"), ("a.b@example.no", "AN"), ("", "?"), (None, "?"), ("—", "?")],
)
def test_an_avatar_has_two_letters(name: str | None, letters: str) -> None:
    assert foyer.initials(name) == letters


def test_counts_follow_the_language_and_years_are_left_alone() -> None:
    with translation.override("nb"):
        assert foyer.number(200000) == "200\u00a0000"
        assert render("{{ year }}", year=2026) == "2026"


def test_a_moment_is_readable_by_people_and_machines() -> None:
    moment = timezone.now() - timedelta(hours=3)
    shown = render("{% ago moment %}", moment=moment)
    assert "3\u00a0hours ago" in shown
    assert moment.isoformat() in shown
    assert "just now" in render("{% ago moment %}", moment=timezone.now())


def test_english_dates_are_european() -> None:
    moment = datetime(2026, 11, 5, 20, 30, tzinfo=UTC)
    assert "5 November 2026, 21:30" in render("{% clock moment %}", moment=moment)


def test_an_address_breaks_at_its_joints_and_is_escaped() -> None:
    assert foyer.breakable("a.b@c.no") == "a.<wbr>b@<wbr>c.<wbr>no"
    assert "<i>" not in foyer.breakable("<i>@x")


def test_a_key_that_is_also_a_method_is_looked_up() -> None:
    assert render("{{ mapping|lookup:'items' }}", mapping={"items": 3}) == "3"


@pytest.mark.parametrize("tags", ["undo=https://example.org/", "undo=//example.org/", "plain", ""])
def test_undo_leads_nowhere_but_into_the_house(tags: str) -> None:
    assert foyer.undo_url(SimpleNamespace(extra_tags=tags)) == ""


def test_undo_leads_to_its_page() -> None:
    assert foyer.undo_url(SimpleNamespace(extra_tags="undo=/runs/3/redo/")) == "/runs/3/redo/"


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = (Path(settings.BASE_DIR) / "static" / "icons" / "sprite.svg").read_text()
    there = set(re.findall(r'symbol id="([^"]+)"', sprite))
    named = {
        name
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r'{% icon "([^"]+)"', path.read_text())
    }
    badges = {icon for _colour, icon, _word in foyer.BADGES.values()}
    assert (named | badges) - there == set()


def test_only_languages_that_foyer_speaks_are_offered() -> None:
    assert foyer.translated([("en", "English"), ("xx", "Unheard of")]) == [("en", "English")]


@pytest.mark.django_db
def test_a_page_is_never_half_in_one_language_and_half_in_another(client: Client) -> None:
    """German has no catalogue of Foyer's own, though Django has one."""
    page = client.get("/accounts/login/", headers={"Accept-Language": "de"}).content.decode()
    assert '<html lang="en">' in page
    assert "Passwort" not in page


def test_a_name_that_is_escaped_already_is_not_escaped_twice() -> None:
    source = "{% firstof name as called %}{{ called|breakable }} {{ called|initials }}"
    assert render(source, name="Per O'Brien <b>") == "Per O&#x27;Brien &lt;b&gt; PO"


@pytest.mark.parametrize(("backend", "kept"), [("filebased", True), ("console", True), ("smtp", False)])
def test_whether_letters_leave_the_house(backend: str, kept: bool) -> None:
    with override_settings(EMAIL_BACKEND=f"django.core.mail.backends.{backend}.EmailBackend"):
        assert foyer.mail_is_kept() is kept


@pytest.mark.parametrize(("code", "name"), [("da", "Danish"), ("zz", "zz"), ("", "")])
def test_a_language_has_a_name(code: str, name: str) -> None:
    assert foyer.language_name(code) == name
