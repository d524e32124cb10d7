"""What an installation is refused for."""

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

KEYS = {name: name * 4 for name in ("FOYER_SECRET_KEY", "FOYER_ENCRYPTION_KEY", "FOYER_HASH_KEY")}
PRODUCTION = {
    **KEYS,
    "DATABASE_URL": "postgresql://foyer:x@db.example.org/foyer",
    "FOYER_BASE_URL": "https://foyer.example.org",
    "FOYER_EMAIL_URL": "smtp://mail.example.org",
}


def check(changes: Mapping[str, str]) -> str:
    """What `manage.py check --deploy` says in this environment, in a process of its own."""
    command = [sys.executable, "manage.py", "check", "--deploy"]
    done = subprocess.run(command, env=environment(changes), capture_output=True, text=True)
    return done.stdout + done.stderr


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {name: value for name, value in {**kept, **PRODUCTION, **changes}.items() if value}


def test_a_complete_environment_passes_djangos_own_deployment_checks() -> None:
    assert "no issues" in check({})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"FOYER_HASH_KEY": ""}, "cdp.E001) FOYER_HASH_KEY is not set."),
        ({"FOYER_HASH_KEY": KEYS["FOYER_SECRET_KEY"]}, "cdp.E002"),
        ({"FOYER_DEBUG": "yes"}, "cdp.E003"),
        ({"FOYER_EMAIL_URL": ""}, "cdp.W001"),
        ({"FOYER_SECRET_KEY": "short"}, "FOYER_SECRET_KEY must be at least 32 characters"),
        ({"FOYER_WORKERS": "many"}, "FOYER_WORKERS must be a whole number from 1 to 64"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL must be a URL that begins with postgresql://"),
        ({"CELERY_BROKER_URL": "kafka://x"}, "CELERY_BROKER_URL must be a URL that begins with pgmq://"),
    ],
)
def test_what_is_wrong_is_said(changes: Mapping[str, str], said: str) -> None:
    assert said in check(changes)


@pytest.mark.parametrize("changes", [{"FOYER_SECRET_KEY": ""}, {"FOYER_DEBUG": "yes"}])
def test_the_web_server_does_not_start_unsafe(changes: Mapping[str, str]) -> None:
    """gunicorn asks no system check: without a key it would sign with one that everybody knows."""
    assert loaded({}).returncode == 0
    refused = loaded(changes)
    assert refused.returncode != 0
    assert "cdp.E00" in refused.stderr


def loaded(changes: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """What comes of loading the application as gunicorn does."""
    command = [sys.executable, "-c", "import cdp.wsgi"]
    return subprocess.run(command, env=environment(changes), capture_output=True, text=True)
