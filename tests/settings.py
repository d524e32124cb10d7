"""Settings under test: the real ones, on the test server, with keys that guard nothing."""

import os

os.environ.setdefault("FOYER_SECRET_KEY", "a key for tests " * 3)
os.environ.setdefault("FOYER_ENCRYPTION_KEY", "another key for tests " * 2)
os.environ.setdefault("FOYER_HASH_KEY", "a third key for tests " * 2)

from cdp.settings import *  # noqa: F403
from cdp.settings import DATABASES, STORAGES
from tests.server import HOME, SOCKET

# Which database on it, tests/conftest.py decides; processes that a test starts are told by environment.
if not os.environ.get("DATABASE_URL"):
    DATABASES["default"].update(NAME="postgres", HOST=str(SOCKET), USER="postgres", CONN_MAX_AGE=0)
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
STATIC_ROOT = HOME / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the slow ones are Django's to test
# Messages stay in this process; tests of the queue itself start a worker with the real one.
if not os.environ.get("CELERY_BROKER_URL"):
    CELERY_BROKER_URL = "memory://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {}
