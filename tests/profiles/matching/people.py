"""Made-up people with mistakes, seeded: enough to see the matcher at work."""

from __future__ import annotations

from random import Random

import numpy as np
import numpy.typing as npt

from profiles.identity.matching.table import Features, Person, Table, features

GIVEN = (
    "Kari Ola Nora Jakob Emma Lucas Ingrid Lars Anne Per Sofie Jonas Marit Odd Silje Henrik Eva Nils "
    "Hanne Geir Ida Tor Liv Jan Astrid Knut Sara Erik Maja Svein"
).split(" ")
FAMILY = (
    "Hansen Johansen Olsen Larsen Andersen Pedersen Nilsen Kristiansen Jensen Karlsen Berg Haugen Hagen "
    "Solberg Moen Strand Lund Bakken Eide Dahl Lie Holm Rasmussen Vik Lien"
).split(" ")
STREETS = "Storgata Kirkeveien Skolegata Parkveien Havnegata Ringveien Bjerkealleen Strandveien".split(" ")


def record(rng: Random, number: int) -> dict[str, object]:
    """One person as everybody knows him."""
    given, family = rng.choice(GIVEN), rng.choice(FAMILY)
    return {
        "given_name": given, "family_name": family,
        "email": f"{given}.{family}{number}@example.org".lower(),
        "phone": f"+47{rng.randrange(40_000_000, 49_999_999)}",
        "street": f"{rng.choice(STREETS)} {rng.randint(1, 99)}",
        "postal_code": f"{rng.randint(100, 999):04d}",
        "city": rng.choice(("Oslo", "Bergen", "Moss")),
        "birth_text": f"{rng.randint(1940, 2005)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}",
    }  # fmt: skip


def spoilt(rng: Random, known: dict[str, object]) -> dict[str, object]:
    """The same person as another source knows him: less of him, with slips."""
    shown = {name: value for name, value in known.items() if rng.random() < 0.8}
    for name in ("given_name", "family_name", "street"):
        if name in shown and rng.random() < 0.15:
            text = str(shown[name])
            place = rng.randrange(1, len(text) - 1)
            shown[name] = text[:place] + text[place + 1 :]
    return shown


def population(people: int, seed: int = 1) -> tuple[Table, npt.NDArray[np.int64]]:
    """A table of people with one to three records each, in random order; and who is who."""
    rng = Random(seed)
    rows = []
    for number in range(people):
        known = record(rng, number)
        rows += [(number, source, spoilt(rng, known)) for source in range(rng.choice((1, 1, 2, 2, 3)))]
    rng.shuffle(rows)
    table = Table.of(
        (100 + n, source, f"{n:06d}", shown(**known)) for n, (_, source, known) in enumerate(rows)
    )
    return table, np.array([number for number, _, _ in rows])


def shown(**values: object) -> Features:
    """The features of one person."""
    return features(Person(**values))  # type: ignore[arg-type]


def pair(a: dict[str, object], b: dict[str, object], sources: tuple[int, int] = (1, 2)) -> Table:
    """A table of two records."""
    return Table.of([(n, sources[n], str(n), shown(**values)) for n, values in enumerate((a, b))])


def f1(truth: npt.NDArray[np.int64], labels: npt.NDArray[np.int64]) -> float:
    """Pairwise F1 of a clustering."""

    def together(*codes: npt.NDArray[np.int64]) -> int:
        sizes = np.unique(np.stack(codes), axis=1, return_counts=True)[1]
        return int((sizes * (sizes - 1) // 2).sum())

    return 2 * together(truth, labels) / max(1, together(truth) + together(labels))
