"""The members of a theatre's club: people the box office knows too, written down by somebody else.

Other addresses, nicknames, slips of the pen, spouses and a father and son of one name: what a real
second list brings, and what the matcher and the merge queue are there for.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from io import TextIOWrapper
from typing import BinaryIO

from integrations.files.samples.people import Buyer, World

HEADER = (
    "Medlemsnr", "Fornavn", "Etternavn", "E-post", "Mobil", "Adresse", "Postnr", "Poststed", "Fødselsdato",
)  # fmt: skip
SHORT = {"Anne-Marie": "Anne", "Elisabeth": "Lise", "Kristine": "Stine", "Katrine": "Trine"}


def write(stream: BinaryIO, *, members: int, seed: int, buyers: int) -> None:
    """`seed` and `buyers` name the box office's world, so that the same people are meant."""
    text = TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    out = csv.writer(text, delimiter=";", lineterminator="\r\n")
    out.writerow(HEADER)
    world = World(seed, dt.date(2026, 11, 24), buyers=buyers)
    for number in range(members):
        for nth, member in enumerate(_written_down(world.buyer(number))):
            out.writerow(_cells(member, nth))
    text.detach()


def _cells(member: Buyer, nth: int) -> tuple[str, ...]:
    born = f"{member.born:%d.%m.%Y}" if member.number % 3 else ""
    return (
        f"TK{3000 + member.number * 2 + nth}", member.given, member.family, member.email, member.phone,
        member.street, member.postal_code, member.city, born,
    )  # fmt: skip


def _written_down(buyer: Buyer) -> Iterator[Buyer]:
    """How the club knows this buyer, and whom it knows at the same address."""
    private = f"{buyer.given[:1]}{buyer.family}{buyer.number}@post.example.com".lower().replace(" ", "")
    match buyer.number % 8:
        case 0:
            yield buyer
        case 1:
            yield replace(buyer, email=private)
        case 2:
            yield replace(buyer, email=private, phone="")
        case 3:
            yield replace(buyer, email="", phone="", family=_slip(buyer.family))
        case 4:
            yield replace(buyer, given=SHORT.get(buyer.given, buyer.given), email=private, phone="")
        case 5:
            yield replace(buyer, email="", phone="")
            yield replace(buyer, given="Ingeborg" if buyer.female else "Torbjørn", email=private, phone="")
        case 6:
            yield replace(buyer, email=private, phone="", born=buyer.born.replace(year=buyer.born.year - 28))
        case _:
            yield replace(
                buyer, email=private, phone="", street="Solbakken 3", postal_code="1606", city="Fredrikstad"
            )


def _slip(name: str) -> str:
    """Two letters changed places."""
    return name[:-3] + name[-2] + name[-3] + name[-1] if len(name) > 4 else name + name[-1]
