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
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {name: value for name, value in {**kept, **PRODUCTION, **changes}.items() if value}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"], env=environment, capture_output=True, text=True
    )
    return done.stdout + done.stderr


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
