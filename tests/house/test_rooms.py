"""Where things may stand and what may lean on what: rules that imports alone do not show."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model

BASE = Path(__file__).resolve().parents[2]
ROOMS = ("cdp", "organisations", "profiles", "consent", "segments", "integrations")
"""From the lowest to the highest."""

INTO_PUBLIC = {"organisations.user"}
"""What tables of an organisation's schema may point at in the public one. Kept short: when organisations
are spread over machines, each of these tables must be on all of them."""


def sources(*, with_tests: bool = False) -> Iterator[Path]:
    for room in (*ROOMS, *(("tests",) if with_tests else ())):
        yield from (path for path in (BASE / room).rglob("*.py") if "migrations" not in path.parts)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def where(path: Path, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return f"{path.relative_to(BASE)}:{node.lineno} {node.name}"


def room_of(model: type[Model]) -> str:
    return model.__module__.split(".")[0]


def our_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if room_of(model) in ROOMS]


def relations() -> Iterator[tuple[type[Model], str, type[Model]]]:
    for model in our_models():
        for field in model._meta.get_fields():
            if field.is_relation and not field.auto_created and isinstance(field.related_model, type):
                yield model, field.name, field.related_model


def test_no_model_points_at_a_room_above_its_own() -> None:
    upward = [
        f"{model._meta.label}.{name} -> {target._meta.label}"
        for model, name, target in relations()
        if room_of(target) in ROOMS and ROOMS.index(room_of(target)) > ROOMS.index(room_of(model))
    ]
    assert upward == []


def test_organisations_point_at_few_public_tables() -> None:
    tenant_apps = set(settings.TENANT_APPS)
    found = {
        target._meta.label_lower
        for model, _, target in relations()
        if model._meta.app_config.name in tenant_apps and target._meta.app_config.name not in tenant_apps
    }
    assert found == INTO_PUBLIC


def test_tasks_are_short() -> None:
    """A task looks up what its ids mean, calls one verb, and is done: at most six lines."""
    long = [
        where(path, node)
        for path in sources()
        if path.name == "tasks.py" and path.parent.name != "lib"
        for node in functions(path)
        if (node.end_lineno or 0) - node.body[0].lineno + 1 > 6 + _docstring_lines(node)
    ]
    assert long == []


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return len((ast.get_docstring(node, clean=False) or "").splitlines())


def test_functions_and_files_are_short() -> None:
    paths = list(sources(with_tests=True))
    long_functions = [
        where(path, node)
        for path in paths
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > 60
    ]
    long_files = [str(path.relative_to(BASE)) for path in paths if len(path.read_text().splitlines()) > 450]
    assert long_functions == []
    assert long_files == []


def test_every_sql_file_is_used_and_every_used_one_is_there() -> None:
    there = {
        f"{path.parent.parent.relative_to(BASE).as_posix()}/{path.stem}"
        for room in ROOMS
        for path in (BASE / room).rglob("sql/*.sql")
    }
    unused = {name for name in there if not any(pattern.fullmatch(name) for pattern in _patterns())}
    assert unused - _parts() == set()
    called = {name for path in sources() for name in _called(path)}
    assert called - there == set()


def _parts() -> set[str]:
    """What other statements take in: `:part_facts` is facts.sql beside them."""
    paths = [path for room in ROOMS for path in (BASE / room).rglob("sql/*.sql")]
    return {
        f"{path.parent.parent.relative_to(BASE).as_posix()}/{name}"
        for path in paths
        for name in re.findall(r":part_(\w+)", path.read_text())
    }


@cache
def _patterns() -> list[re.Pattern[str]]:
    """For each room, what its code may mean: a whole name, or one beside its own statements."""
    patterns = []
    for room in ROOMS:
        paths = [path for path in sources() if path.is_relative_to(BASE / room)]
        words = sorted({word for path in paths for word in _words(path)}) or ["$"]
        patterns.append(re.compile(rf"(?:{room}/(?:\w+/)*)?(?:{'|'.join(words)})"))
    return patterns


def _words(path: Path) -> Iterator[str]:
    """Text in the code that may name a statement, as patterns: f"undo_{noun}" may be undo_orders."""
    for node in ast.walk(ast.parse(path.read_text())):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        texts = [part.value if isinstance(part, ast.Constant) else None for part in parts]
        known = "".join(str(text) for text in texts if text is not None)
        if re.fullmatch(r"[a-z][\w/]{3,}", known):
            yield "".join(r"\w+" if text is None else str(text) for text in texts)


def _called(path: Path) -> list[str]:
    return re.findall(r'\bsql\.(?:run|rows|one|value|count)\(\s*"([\w/]+)"', path.read_text())


@pytest.mark.parametrize(
    "path",
    [path for room in ROOMS for path in (BASE / room).rglob("migrations/0*.py")],
    ids=lambda path: str(path.relative_to(BASE)),
)
def test_migrations_are_named_and_import_no_models(path: Path) -> None:
    """A model is today's; a migration is about the day it was written."""
    assert "_auto_" not in path.name
    assert not re.search(r"_and_more\b|_(?:remove|alter|rename)_\w+_\w+_\w+", path.stem), (
        "name it by its purpose"
    )
    modules = "|".join(ROOMS)
    assert not re.search(
        rf"^\s*(?:from (?:{modules})[\w.]*\.?models|import (?:{modules})[\w.]*models)",
        path.read_text(),
        re.MULTILINE,
    )
