"""Runs `<room>/sql/<name>.sql`.

A statement lives in a file of its own so that it can be read, linted and run in psql as it stands.
Parameters are written `:name`, as psql writes them. One statement per file. `:part_facts` stands for
the text of facts.sql in the same folder, so that statements share what they have in common; in psql,
"\\set part_facts `cat facts.sql`" does the same.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

# What may contain a colon or a percent sign without meaning a parameter comes first, so that it wins.
_TOKENS = re.compile(
    r"""
      '(?:[^']|'')*'                      # text
    | "(?:[^"]|"")*"                      # a quoted name
    | --[^\n]*                            # a comment
    | /\*.*?\*/
    | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$     # a function's body
    | ::                                  # a cast
    | (?<![\w:\])]):(?P<name>[a-z_]\w*)   # a parameter; `a[1:n]` is a slice
    | %
    """,
    re.VERBOSE | re.DOTALL,
)


def translate(text: str) -> str:
    """psql's `:name` as psycopg's `%(name)s`; every other percent sign doubled, in comments too."""

    def replace(match: re.Match[str]) -> str:
        name = match["name"]
        return f"%({name})s" if name else match[0].replace("%", "%%")

    return _TOKENS.sub(replace, text)


_PART = re.compile(r"%\(part_(\w+)\)s")


@cache
def statement(name: str) -> str:
    """The translated text of `profiles/stage`, kept in profiles/sql/stage.sql, with its parts."""
    room, _, file = name.rpartition("/")
    text = translate((settings.BASE_DIR / room / "sql" / f"{file}.sql").read_text(encoding="utf-8"))
    return _PART.sub(lambda part: statement(f"{room}/{part[1]}"), text)


def run(
    name: str, params: Mapping[str, Any] | None = None, *, cursor: CursorWrapper | None = None
) -> CursorWrapper:
    """Executes a statement on the current organisation's connection and returns the cursor."""
    cursor = cursor or connection.cursor()
    cursor.execute(statement(name), params or {})
    return cursor


def count(name: str, params: Mapping[str, Any] | None = None) -> int:
    """How many rows the statement wrote (or returned)."""
    with run(name, params) as cursor:
        return int(cursor.rowcount)


def rows(name: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """All rows, each by column name."""
    with run(name, params) as cursor:
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def one(name: str, params: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """The first row by column name, None when there is none."""
    found = rows(name, params)
    return found[0] if found else None


def value(name: str, params: Mapping[str, Any] | None = None) -> Any:
    """The first column of the first row, None when there is none."""
    with run(name, params) as cursor:
        row = cursor.fetchone()
        return row[0] if row else None


def with_kept_plan(
    name: str, params: Mapping[str, Any], *, fixed: Mapping[str, bool] | None = None
) -> list[tuple[Any, ...]]:
    """All rows of a statement that takes longer to plan than to run, inside a transaction.

    The connection keeps its plan, so it must be one that fits every call: `fixed` are
    conditions that are written into the text, since the plan hangs on them.
    """
    with connection.cursor():  # sets the organisation's schema
        text = statement(name)
        for condition, holds in (fixed or {}).items():
            text = text.replace(f"%({condition})s", "true" if holds else "false")
        with psycopg.Cursor(connection.connection) as cursor:
            return cursor.execute(text, params, prepare=True).fetchall()
