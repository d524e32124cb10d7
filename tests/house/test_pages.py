"""What the Content-Security-Policy forbids, found before a browser does."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

BASE = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((BASE / "templates").rglob("*.html"))
SCRIPTS = sorted((BASE / "static").rglob("*.js"))
STYLES = sorted((BASE / "static").rglob("*.css"))

COMMENTS = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->", re.DOTALL)
FORBIDDEN = {
    "an inline style": r"\sstyle\s*=|<style\b",
    "an inline script": r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")",
    "an inline handler": r"<[^>]*\son[a-z]+\s*=",
    "a handler in htmx": r"\shx-on[:\-=]|\bhx-vals\s*=\s*[\"']js:|\bhx-trigger\s*=\s*[\"'][^\"']*\[",
    "a script address": r"javascript:",
    "a file from another host": (
        r"<(?:script|link|img|iframe|source|form)[^>]*\s(?:src|href|action)\s*=\s*[\"'](?:https?:)?//"
    ),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(BASE)))
def test_templates_keep_to_the_policy(path: Path) -> None:
    text = COMMENTS.sub("", path.read_text())
    found = {name: match[0] for name, pattern in FORBIDDEN.items() if (match := re.search(pattern, text))}
    assert found == {}


@pytest.mark.parametrize("path", [*SCRIPTS, *STYLES], ids=lambda path: str(path.relative_to(BASE)))
def test_scripts_and_styles_fetch_from_nobody_else(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/|^\s*//.*$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert list(_addresses(text)) == []
    if path.suffix == ".js":
        assert not re.search(r"\beval\(|new Function\(|\.innerHTML\s*=|insertAdjacentHTML", text)


def _addresses(text: str) -> Iterator[str]:
    for match in re.finditer(r"(?:https?:)?//[\w-]+(?:\.[\w-]+)+[^\s\"')]*", text):
        if "www.w3.org" not in match[0]:  # names of XML vocabularies, which nobody fetches
            yield match[0]


@pytest.mark.django_db
def test_every_answer_carries_the_policy_and_the_guards() -> None:
    answer = Client().get(reverse("account_login"))
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "object-src": "'none'",
        "frame-ancestors": "'none'",
    }
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_cookies_are_kept_from_scripts_and_other_sites() -> None:
    client = Client()
    client.post(
        reverse("account_login"), {"login": "alice@example.org", "password": "correct horse battery staple"}
    )
    cookie = client.cookies["foyer_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
