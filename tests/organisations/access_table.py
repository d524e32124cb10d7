"""The permission table: every page, who may open it, and what everybody else gets.

A room lists its pages in `tests/<room>/pages.py` as `PAGES`, and the addresses that need no
row as `EXEMPT`, each with the reason. `test_access_table.py` opens all of them as everybody,
and fails for an address that is in neither.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from organisations.models import Organisation
from organisations.roles import Can

ROOMS = Path(__file__).resolve().parent.parent
Maker = Callable[[Organisation], dict[str, Any]]


def nothing(organisation: Organisation) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Page:
    """One method of one address.

    `about` makes, inside the organisation's schema, what the page is about, and answers the
    URL's arguments. Where it makes something, another organisation must get 404 for it.
    `needs` is a capability, or "login" for any signed-in user, or "operator". `data` may be a
    function, called after `about`, when what is sent depends on what was made.
    """

    name: str
    needs: Can | str
    method: str = "get"
    about: Maker = nothing
    data: Mapping[str, Any] | Callable[[], Mapping[str, Any]] = field(default_factory=dict)
    allowed: int = 200
    query: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def _modules() -> list[Any]:
    rooms = sorted(path.parent.name for path in ROOMS.glob("*/pages.py"))
    return [importlib.import_module(f"tests.{room}.pages") for room in rooms]


def all_pages() -> list[Page]:
    return [page for module in _modules() for page in module.PAGES]


def all_exemptions() -> dict[str, str]:
    """URL name, or a pattern such as `admin:*`, to the reason why no row is needed."""
    return {name: reason for module in _modules() for name, reason in getattr(module, "EXEMPT", {}).items()}
