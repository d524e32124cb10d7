"""Seeded data of the reference shape: ticket rows in which people, orders and shows repeat.

For every 1,000,000 ticket rows: 300,000 buyers, 450,000 orders, 1,000 shows.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

COLUMNS = (
    "order_no", "purchased", "status", "event_id", "event", "event_time", "venue", "category", "price",
    "section", "row", "seat", "barcode", "customer_id", "first_name", "last_name", "email", "phone",
    "street", "zip", "city", "country", "newsletter",
)  # fmt: skip

GIVEN = (
    "Kari Ola Anne Per Ingrid Lars Solveig Åse Bjørn Marit Nils Liv Øystein Astrid Knut Sigrid Jan Berit Tor "
    "Hanne Erik Silje Arne Ida Odd Maja Geir Nora Rolf Emma Svein Sofie Leif Julie Terje Thea Kjell Sara"
).split(" ")
FAMILY = (
    "Nordmann Hansen Ødegård Berg Haugen Lie Dahl Moen Strand Bakke Vik Solberg Næss Aas Lund Holm Rønning "
    "Sæther Myhre Eide Sørensen Tangen Fjeld Brekke Ruud Foss Hagen Nygård Sunde Ås"
).split(" ")
CITIES = (("Oslo", "0155"), ("Bergen", "5013"), ("Trondheim", "7010"), ("Stavanger", "4005"))
START = datetime(2024, 1, 1, 9, 0, tzinfo=UTC)


def write_tickets(path: Path, rows: int, seed: int = 7) -> None:
    """Writes a semicolon-separated UTF-8 file of `rows` ticket rows, ordered by order."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(COLUMNS)
        writer.writerows(tickets(rows, seed))


def tickets(rows: int, seed: int = 7) -> Iterator[tuple[str, ...]]:
    """The rows themselves. Flat memory: a buyer's values follow from the buyer's number."""
    rng = random.Random(seed)
    buyers, shows = max(rows * 3 // 10, 1), max(rows // 1000, 3)
    written = order = 0
    while written < rows:
        order += 1
        buyer = order - 1 if order <= buyers else rng.randrange(buyers)
        size = min(rng.choice((1, 2, 2, 2, 4)), rows - written)
        head, who = _order(order, rng.randrange(shows), rng), _buyer(buyer)
        for _ in range(size):
            written += 1
            yield (*head, f"{written % 90 + 1}", f"{written:012d}", *who)


def _order(order: int, show: int, rng: random.Random) -> tuple[str, ...]:
    bought = START + timedelta(minutes=order % 1_000_000)
    starts = START + timedelta(days=30 + show % 700, hours=10)
    status = "cancelled" if rng.random() < 0.02 else "paid"
    return (
        f"{order:08d}", bought.isoformat(), status, f"E{show}", f"Show number {show}", starts.isoformat(),
        "Main stage", "Ordinary", f"{250 + show % 7 * 100}.00", "Parkett", f"{show % 30 + 1}",
    )  # fmt: skip


def _buyer(n: int) -> tuple[str, ...]:
    given, family = GIVEN[n % len(GIVEN)], FAMILY[n // len(GIVEN) % len(FAMILY)]
    city, postal = CITIES[n % len(CITIES)]
    # Every twentieth address is a family's: two people share it.
    mailbox = n - 1 if n % 20 == 0 and n else n
    return (
        f"C{n}", given, family, f"{family.lower()}.{mailbox}@example.no", f"+47 9{n % 10_000_000:07d}",
        f"Storgata {n % 200 + 1}", postal, city, "NO", ("", "Yes", "No")[n % 3],
    )  # fmt: skip
