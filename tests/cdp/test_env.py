"""Environment variables: what is accepted, and how the rest is refused."""

import re
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from cdp import env, settings  # noqa: F401  reading the settings fills env.READ

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "settings.md"


def test_every_variable_is_documented_and_nothing_else() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)`", REFERENCE.read_text(), re.MULTILINE))
    read = {name for name in env.READ if not name.startswith("TEST_")}
    assert documented == read | {"FOYER_PYTHON", "FOYER_TEST_PROCESSES"}  # these two are read by bin/


@pytest.mark.parametrize(
    ("raw", "meant"), [("yes", True), ("TRUE", True), ("1", True), ("off", False), ("0", False), ("", True)]
)
def test_a_flag_is_read(monkeypatch: pytest.MonkeyPatch, raw: str, meant: bool) -> None:
    monkeypatch.setenv("TEST_FLAG", raw)
    assert env.flag("TEST_FLAG", default=True) is meant


@pytest.mark.parametrize(
    ("read", "raw"),
    [
        (env.flag, "maybe"),
        (lambda name: env.number(name, 2, least=1, most=9), "0"),
        (lambda name: env.number(name, 2), "-3"),
        (lambda name: env.number(name, 2), "two"),
        (lambda name: env.folder(name, Path("/")), "var/data"),
        (lambda name: env.choice(name, ("INFO", "DEBUG")), "LOUD!"),
        (lambda name: env.zone(name, "Europe/Oslo"), "Europe/Atlantis"),
        (env.mapping, "{"),
        (env.mapping, "[1]"),
        (env.key, "short"),
        (lambda name: env.url(name, ("https",)), "ftp://example.org"),
        (lambda name: env.url(name, ("https",)), "https://example.org:port"),
        (lambda name: env.url(name, ("https",)), "example.org"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_never_repeated(
    monkeypatch: pytest.MonkeyPatch, read: Any, raw: str
) -> None:
    monkeypatch.setenv("TEST_VALUE", raw)
    with pytest.raises(
        ImproperlyConfigured, match=r"^TEST_VALUE must be .*docs/reference/settings.md"
    ) as caught:
        read("TEST_VALUE")
    assert raw not in str(caught.value).replace("https", "") or len(raw) < 5


def test_a_database_url_names_a_server() -> None:
    place = env.database("postgresql://fo%40yer:s%2Fecret@db.example.org:5433/foyer?sslmode=require")
    assert place == {
        "NAME": "foyer",
        "HOST": "db.example.org",
        "PORT": "5433",
        "USER": "fo@yer",
        "PASSWORD": "s/ecret",
        "OPTIONS": {"sslmode": "require"},
    }


def test_a_database_url_names_a_socket() -> None:
    place = env.database("postgresql://foyer@/foyer?host=/run/postgresql")
    assert (place["HOST"], place["USER"], place["OPTIONS"]) == ("/run/postgresql", "foyer", {})


@pytest.mark.parametrize("raw", ["postgresql://db.example.org", "postgresql:///foyer"])
def test_a_database_url_without_name_or_host_is_refused(raw: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        env.database(raw)


def test_the_queue_is_in_our_database_unless_the_url_names_another() -> None:
    place = {
        "NAME": "foyer",
        "HOST": "/run/it's here",
        "PASSWORD": "a b'c\\d",
        "OPTIONS": {"sslmode": "require"},
    }
    ours = env.broker_options("pgmq://", place)["conn_string"]
    assert ours == r"host='/run/it\'s here' dbname=foyer password='a b\'c\\d' sslmode=require"
    other = env.broker_options("pgmq://queue@q.example.org:5432/jobs", place)["conn_string"]
    assert other == "host=q.example.org port=5432 dbname=jobs user=queue"


@pytest.mark.parametrize(
    ("url", "esp", "backend"),
    [
        ("", "", "filebased"),
        ("file:///var/mail/foyer", "", "filebased"),
        ("console:", "", "console"),
        ("smtp://mail.example.org", "", "smtp"),
        ("", "postmark", "postmark"),
    ],
)
def test_mail_goes_where_it_is_told(url: str, esp: str, backend: str) -> None:
    assert backend in env.mail(url, esp, Path("/mail"))["EMAIL_BACKEND"]


def test_mail_is_encrypted_except_to_this_machine() -> None:
    away = env.mail("smtp://u:p%40ss@mail.example.org", "", Path("/mail"))
    assert (away["EMAIL_PORT"], away["EMAIL_USE_TLS"], away["EMAIL_HOST_PASSWORD"]) == (587, True, "p@ss")
    assert env.mail("smtps://mail.example.org", "", Path("/"))["EMAIL_USE_SSL"]
    assert not env.mail("smtp://localhost:25", "", Path("/"))["EMAIL_USE_TLS"]


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "data" / "keys.json"
    first = env.kept_keys(path, ("ONE", "TWO"))
    assert env.kept_keys(path, ("ONE", "TWO")) == first
    assert len({len(key) for key in first.values()} | {64}) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_socket_path_too_long_for_linux_moves_to_the_temporary_folder() -> None:
    assert env.socket_folder(Path("/srv/foyer")) == Path("/srv/foyer/run")
    long = Path("/srv/" + "x" * 90)
    assert len(str(env.socket_folder(long))) < 93
    assert env.socket_folder(long) == env.socket_folder(long) != env.socket_folder(long / "y")
