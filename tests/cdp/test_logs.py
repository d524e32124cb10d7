"""Nobody and no secret is in a line of the log, whatever went wrong."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from celery import shared_task
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.module_loading import import_string

from cdp.lib.logs import LineFormatter, without_people
from organisations.models import Organisation, User

SECRET = "aVerySecretWord-123_45"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a handler like the real one writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def double(user: User) -> None:
    with transaction.atomic():
        User.objects.create(email=user.email, name="Somebody else")


def test_a_database_error_is_logged_with_its_stack_and_without_the_row(
    alice: User, written: io.StringIO
) -> None:
    with pytest.raises(IntegrityError, match=alice.email) as caught:  # this is what must not be logged
        double(alice)
    logging.getLogger("django.request").error("Internal Server Error: /people/", exc_info=caught.value)
    text = written.getvalue()
    assert alice.email not in text
    assert "psycopg.errors.UniqueViolation (23505)" in text
    assert "django.db.utils.IntegrityError" in text
    assert "in double" in text


@shared_task
def fails_about(words: str) -> None:
    raise LookupError(words)


def test_what_a_task_failed_on_is_not_logged(written: io.StringIO) -> None:
    fails_about.apply(("Åse Ødegård, Storgata 1",))
    text = written.getvalue()
    assert "raised unexpected: builtins.LookupError" in text
    assert "in fails_about" in text
    assert "Storgata" not in text


@pytest.mark.parametrize(
    "path",
    [
        f"/hooks/aurora/5cf8b7a0-1c1f-4a0e-a9a0-6f6e3d0e6b11/{SECRET}/",
        f"/invitation/{SECRET}/",
        f"/welcome/{SECRET}/",
        f"/accounts/password/reset/key/{SECRET}/",
        f"/p/aurora/u/{SECRET}/",
        f"/p/aurora/u/{SECRET}/choices/",
        f"/people/?q={SECRET}",
        f"https://foyer.example.org/people/find/?q={SECRET}&sort=x",
    ],
)
def test_addresses_that_are_keys_are_cut_short(path: str) -> None:
    told = without_people(f"Internal Server Error: {path}")
    assert SECRET not in told
    assert told.startswith("Internal Server Error: " + path[:8])


def test_what_holds_no_secret_stays_as_it_is() -> None:
    for line in ("Not Found: /people/17/", "Not Found: /welcome/", "Run 3: 4 rows? yes", "a @ b, x@y"):
        assert without_people(line) == line
    assert without_people("mail to ase.odegard+x@post.example.no failed") == "mail to …@… failed"


def test_an_invitation_that_is_refused_is_not_logged_with_its_key(
    aurora: Organisation, written: io.StringIO
) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/invitation/{SECRET}/", {"name": "x"}).status_code == 403
    assert "Forbidden" in written.getvalue()
    assert SECRET not in written.getvalue()


def test_a_call_under_a_foreign_name_is_not_logged_with_its_key(db: None, written: io.StringIO) -> None:
    path = f"/hooks/aurora/5cf8b7a0-1c1f-4a0e-a9a0-6f6e3d0e6b11/{SECRET}/"
    assert Client().get(path, headers={"host": "evil.example.org"}).status_code == 400
    assert "HTTP_HOST" in written.getvalue()
    assert SECRET not in written.getvalue()


def test_every_line_is_written_like_this() -> None:
    """The web server's own too: it logs the whole address when a download breaks off."""
    config: Any = settings.LOGGING
    assert {handler["formatter"] for handler in config["handlers"].values()} == {"line"}
    assert import_string(config["formatters"]["line"]["()"]) is LineFormatter
    assert config["loggers"]["gunicorn.error"] == {"handlers": ["console"], "propagate": False}


def test_libraries_that_log_keys_are_kept_quiet_at_every_level() -> None:
    loggers: Any = settings.LOGGING["loggers"]
    for name in ("httpx", "httpcore", "botocore", "paramiko", "urllib3", "s3fs"):
        assert loggers[name] == {"level": "WARNING"}
