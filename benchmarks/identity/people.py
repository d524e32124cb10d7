"""Seeded Nordic and Dutch ticket buyers with known truth: who is behind each record.

Households with couples, children, twins and grown-up children; moves, marriages, several
e-mail addresses, family mailboxes; five sources that each see another side of a person.
Everything follows from (records, seed). A record is a tuple of text in the order of COLUMNS.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from random import Random

from benchmarks.identity import records, words

COLUMNS = ("id", "source", *records.SHOWN, "truth", "household")
OWN_ADDRESSES = (records.BOX_OFFICE_MAIL, "+4722405060")
"""The organisation's own, as they are compared."""
COUNTRIES = {"NO": 55, "DK": 12, "SE": 13, "FI": 3, "NL": 17}
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Address:
    street: str
    postal_code: str
    city: str


@dataclass(slots=True)
class Person:
    """One human being. `names` and `addresses` are in order of time, the last one is today's."""

    number: int
    household: int
    country: str
    female: bool
    given: str
    family: list[str]
    born: tuple[int, int, int]
    addresses: list[Address]
    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    club_card: str = ""


def generate(records_wanted: int, seed: int) -> list[Row]:
    """Exactly so many records, in an order that tells nothing."""
    rng = Random(seed)
    rows: list[Row] = []
    population = Population(rng)
    for household in population.households():
        for person in household:
            rows.extend(records.of(rng, person, household, population.number))
        if len(rows) >= records_wanted:
            break
    del rows[records_wanted:]
    rng.shuffle(rows)
    return [(f"{n}", *row) for n, row in enumerate(rows, 1)]


def columns(records_wanted: int, seed: int) -> dict[str, list[str]]:
    """The same by column."""
    return dict(zip(COLUMNS, map(list, zip(*generate(records_wanted, seed), strict=True)), strict=True))


def write(path: Path, records_wanted: int, seed: int) -> None:
    """Comma-separated UTF-8 with a heading."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(generate(records_wanted, seed))


class Population:
    """Hands out households; knows which addresses and numbers are taken."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.people = self.homes = 0
        self.taken: set[str] = set()
        self.words = words.countries()
        self._pools: dict[int, list[float]] = {}
        self.codes = list(COUNTRIES)
        self.shares = list(accumulate(COUNTRIES.values()))

    def households(self) -> Iterator[list[Person]]:
        """Without end: one home at a time, at times with the homes of its grown-up children."""
        rng = self.rng
        while True:
            country = self.words[rng.choices(self.codes, cum_weights=self.shares)[0]]
            home = self._household(country)
            yield home
            if len(home) > 1 and rng.random() < 0.3:
                yield from self._grown_up(country, home)

    def pick(self, pool: list[str], flat: float = 6.0) -> str:
        """From a list in falling frequency, Zipf-like: the first is no more than a few per cent."""
        weights = self._pools.get(id(pool))
        if weights is None:
            weights = self._pools[id(pool)] = list(accumulate(1 / (n + flat) for n in range(len(pool))))
        return self.rng.choices(pool, cum_weights=weights)[0]

    def number(self, lowest: int) -> str:
        """A customer or card number nobody else has, from `lowest` to ten times as much."""
        found = f"{self.rng.randrange(lowest, 10 * lowest)}"
        while found in self.taken:
            found = f"{self.rng.randrange(lowest, 10 * lowest)}"
        self.taken.add(found)
        return found

    def _household(self, country: words.Country) -> list[Person]:
        rng = self.rng
        self.homes += 1
        address = self._address(country)
        family = self.pick(country.family)
        year = int(rng.triangular(1935, 2003, 1972))
        home = [self._person(country, family, year, address, rng.random() < 0.58)]
        kind = rng.random()
        if kind > 0.42:
            theirs = family if rng.random() < 0.6 else self.pick(country.family)
            other = not home[0].female if rng.random() < 0.97 else home[0].female
            home.append(self._person(country, theirs, year + rng.randint(-6, 6), address, other))
        if kind > 0.66 and year < 1995:
            self._children(country, home, address)
        self._contacts(home)
        self._past(country, home)
        return home

    def _children(self, country: words.Country, home: list[Person], address: Address) -> None:
        rng = self.rng
        first = home[0].born[0] + rng.randint(22, 36)
        family = home[rng.randrange(2)].family[-1]
        for _ in range(rng.choice((1, 1, 2, 2, 2, 3))):
            if first > 2016:
                break
            child = self._person(country, family, first, address, rng.random() < 0.5)
            if rng.random() < 0.03:
                child.given = next((p.given for p in home[:2] if p.female == child.female), child.given)
            home.append(child)
            if rng.random() < 0.03:
                twin = self._person(country, family, first, address, child.female)
                twin.born = child.born
                home.append(twin)
            first += rng.randint(2, 5)

    def _grown_up(self, country: words.Country, home: list[Person]) -> Iterator[list[Person]]:
        """A child that has moved out: own home, own household, the parents' address in the past."""
        rng, parent = self.rng, home[0]
        born = parent.born[0] + rng.randint(20, 34)
        if born > 2004:
            return
        self.homes += 1
        child = self._person(country, parent.family[-1], born, self._address(country), rng.random() < 0.5)
        if rng.random() < 0.05 and child.female == parent.female:
            child.given = parent.given
        self._contacts([child])
        if rng.random() < 0.6:
            child.addresses.insert(0, parent.addresses[-1])
        if rng.random() < 0.2:
            child.phones.insert(0, parent.phones[-1])
        yield [child]

    def _person(
        self, country: words.Country, family: str, year: int, address: Address, female: bool
    ) -> Person:
        rng = self.rng
        self.people += 1
        pool = country.female if female else country.male
        given = self.pick(pool, 25.0)
        if rng.random() < (0.14 if country.code in ("NO", "SE", "FI") else 0.05):
            second = self.pick(pool)
            given = f"{given} {second}" if second != given else given
        born = (year, rng.randint(1, 12), rng.randint(1, 28))
        return Person(
            self.people, self.homes, country.code, female, given, [family], born, [address],
            club_card=self.number(10**8) if rng.random() < 0.22 else "",
        )  # fmt: skip

    def _address(self, country: words.Country) -> Address:
        rng = self.rng
        town = rng.choices(country.towns, [t.weight for t in country.towns])[0]
        code = f"{rng.randint(town.first, town.last):0{town.digits}d}"
        if country.code == "NL":
            code += f" {rng.choice('ABCDEGHJKLMNPRSTVWXZ')}{rng.choice('ABCDEGHJKLMNPRSTVWXZ')}"
        number = f"{int(rng.expovariate(1 / 28)) + 1}"
        if rng.random() < 0.18:
            number += rng.choice("ABCD") if country.code != "NL" else f"-{rng.randint(1, 4)}"
        return Address(f"{self.pick(country.streets, 15.0)} {number}", code, town.name)

    def _contacts(self, home: list[Person]) -> None:
        """Own mailboxes and mobiles; in some homes one mailbox or telephone for all."""
        rng = self.rng
        shared = (
            records.family_mailbox(rng, home[0], self.taken) if len(home) > 1 and rng.random() < 0.16 else ""
        )
        landline = records.landline(rng, home[0].country) if rng.random() < 0.10 else ""
        for person in home:
            records.contacts(rng, person, home, self.taken)
            if shared and rng.random() < 0.8:
                person.emails.append(shared)
            if landline:
                person.phones.append(landline)

    def _past(self, country: words.Country, home: list[Person]) -> None:
        """The home may have moved, a grown-up may have lived elsewhere or had another name."""
        rng = self.rng
        if rng.random() < 0.22:
            before = self._address(country)
            for person in home:
                person.addresses.insert(0, before)
        for person in home[:2]:
            if rng.random() < 0.15:
                person.addresses.insert(0, self._address(country))
            if rng.random() < (0.14 if person.female else 0.03):
                person.family.insert(0, self.pick(country.family))
