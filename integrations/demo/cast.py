"""Who the example organisations are, and what they use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from integrations.demo import club
from integrations.files import samples
from integrations.files.presets import PRESETS
from profiles.models import Source

PRETIX_EXPORT = Path(__file__).parent / "pretix_order_positions.csv"
"""A real export of pretix's order positions from an invented shop."""

Writer = Callable[[BinaryIO], object]


def real_pretix_export(stream: BinaryIO) -> None:
    stream.write(PRETIX_EXPORT.read_bytes())


@dataclass(frozen=True, slots=True)
class FileSource:
    """A system whose export arrives as a file. `words` is what the buyer read at the box.

    Without a `preset` its columns are found by their headers.
    """

    name: str
    preset: str
    write: Writer
    words: str = ""
    kind: Source.Kind = Source.Kind.TICKETING

    @property
    def file(self) -> str:
        return PRESETS[self.preset].sample.name if self.preset else f"{self.name.lower()}.csv"


@dataclass(frozen=True, slots=True)
class House:
    """`newsletter_before` people are in its Mailchimp audience before Foyer has ever seen it."""

    name: str
    slug: str
    country: str
    time_zone: str
    language: str
    domain: str
    sources: tuple[FileSource, ...]
    newsletter_before: int


def sample(preset: str, rows: int, seed: int) -> Writer:
    return partial(samples.write, preset, rows=rows, seed=seed)


def club_members(members: int, seed: int, buyers: int) -> Writer:
    return partial(club.write, members=members, seed=seed, buyers=buyers)


NORWEGIAN = "Ja takk, send meg nyhetsbrev om forestillinger på e-post."
DANISH = "Ja tak, send mig nyhedsbrev om koncerter på e-mail."

HOUSES = (
    House(
        name="Fjordscenen",
        slug="fjordscenen",
        country="NO",
        time_zone="Europe/Oslo",
        language="nb",
        domain="fjordscenen.example.no",
        newsletter_before=60,
        sources=(
            FileSource("Ticketmaster", "ticketmaster", sample("ticketmaster", 400, 1), NORWEGIAN),
            FileSource("DX", "dx", sample("dx", 300, 1), NORWEGIAN),
            FileSource("pretix", "pretix", real_pretix_export, NORWEGIAN),
            FileSource("Teaterklubben", "", club_members(90, 1, 120), kind=Source.Kind.CLUB),
        ),
    ),
    House(
        name="Havnens Musikhus",
        slug="havnens-musikhus",
        country="DK",
        time_zone="Europe/Copenhagen",
        language="da",
        domain="havnensmusikhus.example.dk",
        newsletter_before=40,
        sources=(
            FileSource("Eventim", "eventim", sample("eventim", 350, 2), DANISH),
            FileSource("TicketCo", "ticketco", sample("ticketco", 250, 2), DANISH),
        ),
    ),
)
