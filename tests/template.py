"""The database every test database is a copy of: migrated, with two organisations and their people."""

import fcntl
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from tests.server import databases, drop_databases, locked, server

BASE = Path(__file__).resolve().parent.parent
ROOMS = ("cdp", "organisations", "profiles", "consent", "segments", "integrations")
PASSWORD = "correct horse battery staple"
CAST = {
    # e-mail: (name, organisation, role); Charlie is the outsider of every access test.
    "alice@example.org": ("Alice", "aurora", "administrator"),
    "bob@example.org": ("Bob", "aurora", "marketer"),
    "charlie@example.org": ("Charlie", "borealis", "administrator"),
}


def fingerprint() -> str:
    """Changes whenever the template would come out differently."""
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(str(path.relative_to(BASE)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    yield from (BASE / "constraints.txt", BASE / "cdp" / "settings.py", Path(__file__))
    for room in ROOMS:
        for path in (BASE / room).rglob("*.py"):
            if path.parent.name in {"migrations", "models"} or path.stem.startswith("models"):
                yield path


def copy(name: str) -> None:
    """Makes the database `name` as a copy of the template, building that first if need be."""
    template = f"tmpl_{fingerprint()}"
    place = server()
    with locked("template", fcntl.LOCK_EX), place.connect() as postgres:
        if template not in databases(postgres, "tmpl_"):
            drop_databases(place, "tmpl_")
            _build(postgres, template)
        postgres.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        )


def _build(postgres: psycopg.Connection[Any], name: str) -> None:
    unfinished = f"{name}_unfinished"
    postgres.execute(sql.SQL("create database {}").format(sql.Identifier(unfinished)))
    use_database(unfinished)
    call_command("migrate_schemas", verbosity=0, interactive=False)
    _people_the_stage()
    connection.close()
    postgres.execute(
        sql.SQL("alter database {} rename to {}").format(sql.Identifier(unfinished), sql.Identifier(name))
    )


def use_database(name: str) -> None:
    """Points this process at a database, threads that Django starts later included."""
    from django.conf import settings

    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name


def _people_the_stage() -> None:
    from organisations.models import Membership, Organisation, User

    organisations = {
        slug: Organisation.objects.create(schema_name=slug, slug=slug, name=name)
        for slug, name in (("aurora", "Aurora Scene"), ("borealis", "Borealis Konserthus"))
    }
    for email, (name, slug, role) in CAST.items():
        user = User.objects.create_user(email, PASSWORD, name=name)
        Membership.objects.create(user=user, organisation=organisations[slug], role=role)
