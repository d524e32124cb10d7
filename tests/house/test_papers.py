"""The papers are complete: dependencies, commands, documents."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from django.core.management import get_commands

BASE = Path(__file__).resolve().parents[2]
ROOMS = ("cdp", "organisations", "profiles", "consent", "segments", "integrations")
OURS = sorted(name for name, app in get_commands().items() if str(app).split(".")[0] in ROOMS)
DOCUMENTS = sorted([*(BASE / "docs").rglob("*.md"), BASE / "README.md", BASE / "CHANGELOG.md"])
PINNED = re.compile(r"^[\w.-]+(\[[\w,-]+\])?==[\w.]+( +# .+)?$")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_dependency_is_pinned_once(name: str) -> None:
    lines = [line for line in (BASE / name).read_text().splitlines() if line and line[0] not in "#-"]
    assert [line for line in lines if not PINNED.match(line)] == []
    packages = [re.split(r"[\[=]", line)[0].lower() for line in lines]
    assert len(packages) == len(set(packages))


def test_every_dependency_says_what_it_is_for() -> None:
    lines = (BASE / "requirements.txt").read_text().splitlines()
    assert [line for line in lines if "==" in line and "# " not in line] == []


def test_what_the_dependencies_need_is_held_too() -> None:
    held = {line.split("==")[0].lower() for line in (BASE / "constraints.txt").read_text().splitlines()}
    for name in ("requirements.txt", "requirements-dev.txt"):
        wanted = re.findall(r"^([\w.-]+)[\[=]", (BASE / name).read_text(), re.MULTILINE)
        assert {package.lower() for package in wanted} - held == set()


def test_what_the_code_imports_is_asked_for_by_name() -> None:
    """Not left to a dependency of a dependency, which may drop it."""
    imported = {name for room in ROOMS for path in (BASE / room).rglob("*.py") for name in _imports(path)}
    providers = packages_distributions()
    asked = {_plain(name) for name in re.findall(r"^([\w.-]+)[\[=]", _text("requirements.txt"), re.MULTILINE)}
    foreign = {name for name in imported - sys.stdlib_module_names - set(ROOMS) if name in providers}
    assert {name for name in foreign if not asked & {_plain(one) for one in providers[name]}} == set()


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def _text(name: str) -> str:
    return (BASE / name).read_text()


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_command_is_documented_and_nothing_else() -> None:
    documented = re.findall(
        r"^## `(\w+)", (BASE / "docs" / "reference" / "commands.md").read_text(), re.MULTILINE
    )
    assert sorted(documented) == OURS


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(BASE)))
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_nothing_is_left_for_later() -> None:
    """An open end belongs into an issue, where somebody looks for it."""
    marks = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
    here = Path(__file__).resolve()
    paths = [path for room in (*ROOMS, "tests", "bin", "benchmarks") for path in (BASE / room).rglob("*")]
    kinds = {".py", ".sql", ".sh", ".html", ""}
    texts = (path for path in paths if path.is_file() and path.suffix in kinds and path.resolve() != here)
    assert [
        str(path.relative_to(BASE)) for path in texts if marks.search(path.read_text(errors="replace"))
    ] == []
