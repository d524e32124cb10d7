"""python -m benchmarks identity: who is who, beside Splink, with the truth at hand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.identity import csv_file, dataset, inside, report
from benchmarks.identity.dataset import FIELDS, Clean
from benchmarks.identity.engines import ENGINES, FLOOR, RIVALS

QUICK, FULL = 20_000, (50_000, 500_000)
FULL_SEEDS = (1, 2, 3)
MAP_HELP = (
    "the file's columns and Foyer's fields: lines `column = field`, or JSON {column: field} or "
    f"{{field: [columns]}}. Several columns of one field are joined by a space. Fields: {', '.join(FIELDS)}"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--records", help=f"sizes of the generated data, with commas (default {QUICK})")
    parser.add_argument("--seeds", default="1", help="seeds of the generated data, with commas")
    parser.add_argument("--full", action="store_true", help="FEBRL, 50,000 and 500,000 records, three seeds")
    parser.add_argument("--engines", help="parts of the names of the engines to run, with commas")
    parser.add_argument("--no-febrl", action="store_true", help="generated people only")
    parser.add_argument("--file", type=Path, help="a delimited file instead; needs --truth and --map")
    parser.add_argument("--truth", help="the file's column that tells who is who")
    parser.add_argument("--map", type=Path, help=MAP_HELP)
    parser.add_argument("--rival", action="store_true", help="Splink beside it, for --file")
    parser.add_argument("--write", type=Path, help="only writes the generated people to this CSV file")
    parser.add_argument("--verbs", action="store_true", help="merge, preview, unmerge, undo in a database")
    parser.add_argument("--lookup", action="store_true", help="one record against --records in a database")
    parser.add_argument("--pause", type=float, default=0.05, help="seconds between two writes of a writer")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    try:
        _run(options)
    except csv_file.NotUsable as error:
        sys.exit(str(error))


def _run(options: argparse.Namespace) -> None:
    sizes, seeds = _numbers(options.records or QUICK), _numbers(options.seeds)
    if options.write:
        from benchmarks.identity import people

        people.write(options.write, sizes[0], seeds[0])
    elif options.verbs:
        inside.verbs(sizes[0])
    elif options.lookup:
        inside.lookup(sizes[0], options.pause)
    elif options.file:
        _file(options)
    else:
        if options.full:
            sizes, seeds = list(FULL), list(FULL_SEEDS)
        for data in _data(sizes, seeds, febrl=not options.no_febrl):
            report.table(data, _chosen(options.engines, ENGINES))


def _file(options: argparse.Namespace) -> None:
    if not options.truth or not options.map:
        raise csv_file.NotUsable("--file needs --truth COLUMN and --map FILE.")
    data = csv_file.read(options.file, options.truth, csv_file.read_map(options.map))
    engines = [name for name in ENGINES if options.rival or name not in RIVALS]
    report.table(data, _chosen(options.engines, engines))


def _data(sizes: list[int], seeds: list[int], *, febrl: bool) -> Iterator[Clean]:
    if febrl:
        for number in range(1, 5):
            yield dataset.febrl(number)
    for size in sizes:
        for seed in seeds:
            yield dataset.nordic(size, seed)


def _chosen(parts: str | None, engines: object) -> list[str]:
    names = [name for name in engines if name != FLOOR]  # type: ignore[attr-defined]
    if not parts:
        return names
    wanted = [part.strip().lower() for part in parts.split(";" if ";" in parts else ",")]
    return [name for name in names if any(part in name.lower() for part in wanted)]


def _numbers(text: object) -> list[int]:
    try:
        return [int(part.replace("_", "")) for part in str(text).split(",")]
    except ValueError:
        raise csv_file.NotUsable(f"{text!r} is not a list of numbers.") from None
