"""A real browser, one per worker, and a window that notices what goes wrong in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django_tenants.utils import tenant_context
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from organisations.middleware import SESSION_KEY
from organisations.models import Organisation, User
from tests.profiles.sample import a_source, deliver, ticket

CHROMIUM = os.environ.get("FOYER_CHROMIUM", "/usr/bin/chromium")
# Playwright's loop runs in this thread; Django would take every query for a mistake.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@dataclass
class Window:
    """A page of a signed-in browser. `complaints` are what the browser's console says."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Any:
        return self.page.goto(self.base + path)

    def path(self) -> str:
        return self.page.url.removeprefix(self.base)


Open = Callable[..., Window]


@pytest.fixture
def open_window(browser: Browser, live_server: LiveServer, transactional_db: None) -> Iterator[Open]:
    """Opens a window, signed in as somebody or not; it must have nothing to complain about."""
    contexts: list[BrowserContext] = []
    windows: list[Window] = []

    def open_one(
        user: User | None = None, organisation: Organisation | None = None, **options: Any
    ) -> Window:
        context = browser.new_context(**options)
        contexts.append(context)
        if user:
            context.add_cookies([_cookie(user, organisation, live_server.url)])
        window = Window(context.new_page(), live_server.url)
        window.page.on("console", lambda told: _hear(window, told.type, told.text))
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        windows.append(window)
        return window

    yield open_one
    for context in contexts:
        context.close()
    assert [window.complaints for window in windows if window.complaints] == []


def _hear(window: Window, kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        window.complaints.append(text)


def _cookie(user: User, organisation: Organisation | None, url: str) -> Any:
    client = Client()
    client.force_login(user)
    if organisation:
        session = client.session
        session[SESSION_KEY] = organisation.pk
        session.save()
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": url}


@pytest.fixture
def crowd(aurora: Organisation, transactional_db: None) -> None:
    """Sixty people in Aurora, among them Solveig with a long address and a long order."""
    with tenant_context(aurora):
        rows = [ticket(n, email=f"person{n}@example.no", name=f"Person Number{n}") for n in range(60)]
        rows += [
            ticket(
                100 + n,
                order="A-4711",
                email="solveig.margrethe.odegard-kristiansen@a-rather-long-domain.example.no",
                name="Solveig Margrethe Ødegård-Kristiansen",
                phone="41 22 90 17",
                street="Strandgaten 14",
                postal_code="5013",
                city="Bergen",
                show=f"The Magic Flute – Christmas Gala with the Philharmonic Orchestra {n}",
            )
            for n in range(5)
        ]
        deliver(rows, a_source("ticketmaster", name="Ticketmaster Norge"))
    connection.set_schema_to_public()  # type: ignore[attr-defined]
