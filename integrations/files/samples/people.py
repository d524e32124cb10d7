"""Made-up ticket sales: seeded, endless, in flat memory.

Every buyer and every show is computed from its number alone, so the millionth ticket
costs what the first did. Names are Nordic, addresses end in example.no and the like.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from integrations.files.vocabulary import wordlist

NAMES = wordlist("names", Path(__file__).parent)
PLACES = (
    ("0155", "Oslo", "NO"), ("0473", "Oslo", "NO"), ("5003", "Bergen", "NO"), ("7011", "Trondheim", "NO"),
    ("4006", "Stavanger", "NO"), ("9008", "Tromsø", "NO"), ("3015", "Drammen", "NO"),
    ("1606", "Fredrikstad", "NO"),
    ("0780", "Oslo", "NO"), ("6003", "Ålesund", "NO"), ("8000", "Aarhus", "DK"), ("0999", "København", "DK"),
    ("411 03", "Göteborg", "SE"), ("01067", "Dresden", "DE"),
)  # fmt: skip
SHOWS = (
    ("Hamlet", "Det Norske Scene", "Hovedscenen", 450), ("Peer Gynt", "Det Norske Scene", "Hovedscenen", 495),
    ("Nøtteknekkeren", "Operaen", "Store sal", 620), ("Jul i Blåfjell", "Folketeateret", "Salen", 390),
    ("Et dukkehjem", "Det Norske Scene", "Scene 2", 380),
    ("Kammerkonsert: Grieg", "Universitetets aula", "Aulaen", 320),
    ("Vårsleppet", "Rockefeller", "Konsertsalen", 540), ("Stand-up: Åtte til ni", "Latter", "Kjelleren", 295),
    ("Messias", "Domkirken", "Kirkerommet", 350), ("Kaptein Sabeltann", "Kilden", "Teatersalen", 410),
)  # fmt: skip
PRICE_TYPES = (
    ("Ordinær", 100), ("Ordinær", 100), ("Student", 60), ("Honnør", 75), ("Barn", 50), ("Medlem", 85),
)  # fmt: skip
CHANNELS = ("Nett", "Nett", "Nett", "Billettluke", "Telefon", "App")
PAYMENTS = ("Vipps", "Kort", "Kort", "Faktura", "Gavekort")
MOBILE = ("40", "41", "45", "46", "47", "48", "90", "91", "92", "93", "94", "95", "97", "98", "99")
TRAPS = {3: "placeholder", 11: "family", 12: "family", 17: "no e-mail", 23: "bad e-mail", 29: "spaces"}


@dataclass(frozen=True, slots=True)
class Buyer:
    """`trap` names what is wrong with the contact data, "" for most."""

    number: int
    given: str
    family: str
    female: bool
    company: str
    email: str
    phone: str
    street: str
    postal_code: str
    city: str
    country: str
    born: date
    newsletter: str
    sms: str
    opt_out: bool
    trap: str


@dataclass(frozen=True, slots=True)
class Show:
    code: str
    title: str
    venue: str
    hall: str
    starts: datetime
    base: int


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket of one order. Times are local wall times. `first` marks the order's first ticket."""

    order: str
    number: int
    first: bool
    sold: datetime
    channel: str
    payment: str
    status: str
    show: Show
    price_type: str
    category: str
    price: Decimal
    fee: Decimal
    row: int
    seat: int
    barcode: str
    buyer: Buyer


class World:
    """All buyers and shows of one seed. `end` is the day the sales lead up to."""

    def __init__(self, seed: int, end: date, *, shows: int = 24, buyers: int = 120) -> None:
        self.seed, self.end, self.shows, self.buyers = seed, end, shows, buyers

    def _random(self, kind: str, number: int) -> Random:
        return Random(f"{self.seed}/{kind}/{number}")  # noqa: S311 - samples, not secrets

    def show(self, number: int) -> Show:
        chance = self._random("show", number)
        title, venue, hall, base = SHOWS[number % len(SHOWS)]
        opening = self.end + timedelta(days=chance.randrange(5, 150))
        starts = datetime.combine(opening, time(19, chance.choice((0, 30))))
        return Show(f"F{1000 + number}", title, venue, hall, starts, base)

    def buyer(self, number: int) -> Buyer:
        chance = self._random("buyer", number)
        female = chance.random() < 0.55
        given = chance.choice(NAMES["given_female" if female else "given_male"])
        family = chance.choice(NAMES["family"])
        postal_code, city, country = chance.choice(PLACES)
        trap = _contact_trap(number)
        return Buyer(
            number=number,
            given=given,
            family=family,
            female=female,
            company=f"{family} Kulturdrift AS" if number % 41 == 7 else "",
            email=_email(trap, given, family, number, country),
            phone="" if number % 13 == 5 else _phone(chance, country),
            street=f"{chance.choice(NAMES['streets'])} {chance.randrange(1, 120)}",
            postal_code=postal_code,
            city=city,
            country=country,
            born=date(chance.randrange(1941, 2008), chance.randrange(1, 13), chance.randrange(1, 29)),
            newsletter=chance.choices(("yes", "no", "blank", "odd"), (38, 42, 19, 1))[0],
            sms=chance.choices(("yes", "no", "blank"), (15, 55, 30))[0],
            opt_out=chance.random() < 0.08,
            trap=trap,
        )

    def tickets(self) -> Iterator[Ticket]:
        """Orders without end, one after the other, each with its tickets together."""
        order = 0
        number = 0
        while True:
            order += 1
            for ticket in self._order(order, number):
                number += 1
                yield ticket

    def _order(self, order: int, number: int) -> Iterator[Ticket]:
        chance = self._random("order", order)
        buyer = self.buyer(int(self.buyers * chance.random() ** 1.5))
        show = self.show(chance.randrange(self.shows))
        sold = datetime.combine(self.end, time()) - timedelta(minutes=chance.randrange(1, 60 * 24 * 40))
        status = chance.choices(("paid", "pending", "cancelled", "refunded"), (90, 3, 4, 3))[0]
        channel, payment, row = chance.choice(CHANNELS), chance.choice(PAYMENTS), chance.randrange(1, 28)
        seat = chance.randrange(1, 30)
        for place in range(chance.choices((1, 2, 3, 4, 6), (25, 45, 10, 15, 5))[0]):
            price_type, percent = PRICE_TYPES[0] if place == 0 else chance.choice(PRICE_TYPES)
            yield Ticket(
                order=f"{70_000_000 + self.seed * 1_000_000 + order}",
                number=number + place + 1,
                first=place == 0,
                sold=sold,
                channel=channel,
                payment=payment,
                status=status,
                show=show,
                price_type=price_type,
                category=f"Priskategori {1 + row // 10}",
                price=Decimal(show.base * percent) / 100,
                fee=Decimal(25),
                row=row,
                seat=seat + place,
                barcode=f"{self.seed:02d}{order:08d}{place:02d}",
                buyer=buyer,
            )


def _contact_trap(number: int) -> str:
    """Which of the known troubles this buyer brings, at fixed numbers so that every sample has them."""
    return TRAPS.get(number % 60, "")


def _email(trap: str, given: str, family: str, number: int, country: str) -> str:
    domain = {"DK": "example.dk", "SE": "example.se", "DE": "example.de"}.get(country, "example.no")
    plain = f"{given}.{family}".lower()
    for letter, plainer in zip("æøåäöü ", ("ae", "o", "a", "a", "o", "u", "."), strict=True):
        plain = plain.replace(letter, plainer)
    plain = plain.replace("'", "")
    return {
        "placeholder": "ukjent@example.no",
        "family": f"familien{number // 60}@example.no",
        "no e-mail": "",
        "bad e-mail": f"{plain}{number}(at){domain}",
        "spaces": f" {plain.title()}{number}@{domain}\u00a0",
    }.get(trap, f"{plain}{number}@{domain}")


def _phone(chance: Random, country: str) -> str:
    if country == "DK":
        return f"+4520{chance.randrange(100_000, 999_999)}"
    if country == "SE":
        return f"+4670{chance.randrange(1_000_000, 9_999_999)}"
    if country == "DE":
        return f"+49151{chance.randrange(10_000_000, 99_999_999)}"
    return f"+47{chance.choice(MOBILE)}{chance.randrange(100_000, 999_999)}"
