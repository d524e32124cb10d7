"""A preset: the columns of one system's export, and how its sample file is written.

One table serves both, so that a sample cannot drift away from its mapping. No public
document gives the column names of the closed systems (INTEGRATIONS 8.3): these are built
from the fields they are known to hand out, and the first real export corrects them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from django.utils.functional import Promise

from integrations.files.samples.people import Ticket
from integrations.files.spec import ConsentSetup, Moment, Options
from integrations.files.words import squeeze

Cell = Callable[[Ticket], object]


@dataclass(frozen=True, slots=True)
class Col:
    """One column of the export: its header, where it goes ("" = left out), what the sample holds."""

    header: str
    target: str
    cell: Cell
    also: tuple[str, ...] = ()
    """Other headers under which the same column is known."""


@dataclass(frozen=True, slots=True)
class Sample:
    """How the system writes its file."""

    name: str
    encoding: str = "utf-8"
    delimiter: str = ";"
    quote_all: bool = False
    titles: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    """Lines below the rows; `{rows}` and `{sum}` are filled in, cells cut at `|`."""


@dataclass(frozen=True, slots=True)
class PresetMapping:
    slug: str
    name: str
    help: str | Promise
    pattern: str
    columns: tuple[Col, ...]
    sample: Sample
    options: Options = field(default_factory=Options)
    closed: bool = False
    """Columns it does not name are left out instead of being looked up in the dictionary."""
    moment: Moment = "flag"
    no_is_refusal: bool = False
    words: dict[str, str] = field(default_factory=dict)

    def places(self, header: tuple[str, ...]) -> dict[int, str]:
        """{place in the header: target} of the columns it knows."""
        known = {
            squeeze(name): col.target
            for col in self.columns
            if col.target and col.target != "consent.answer"
            for name in (col.header, *col.also)
        }
        found: dict[int, str] = {}
        for at, name in enumerate(header):
            target = known.get(squeeze(name))
            if target and target not in found.values():
                found[at] = target
        return found

    def consent(self, setup: ConsentSetup) -> ConsentSetup:
        """A permission question as this system asks it."""
        return replace(setup, moment=self.moment, no_is_refusal=self.no_is_refusal or setup.inverted)
