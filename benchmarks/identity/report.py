"""The table: one line per engine and data set, times also as ratios to the exact join."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.identity.child import Broken, Line, measured
from benchmarks.identity.dataset import Clean
from benchmarks.identity.engines import ENGINES, FLOOR, RIVALS

HEAD = (
    "engine                                precision recall     F1  B³ F1  calib.  band p  band c  c@.995"
    "  largest   wall s    CPU s     MB  (data)  × floor"
)


def table(data: Clean, engines: Iterable[str]) -> list[Line]:
    """Measures and prints the engines on one data set, the floor first."""
    people = len(set(data.truth.tolist()))
    print(f"\n{data.name}: {len(data):,} records of {people:,} people", flush=True)
    print(HEAD, flush=True)
    lines: list[Line] = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clean"
        data.save(path)
        for engine in (FLOOR, *(name for name in engines if _applies(name, data))):
            for line in _tried(engine, path):
                lines.append(line)
                print(text(line, lines[0]), flush=True)
    for line in lines:
        for note in line.notes:
            print(f"  {line.engine}: {note}", flush=True)
    return lines


def _tried(engine: str, path: Path) -> list[Line]:
    """What an engine did. A rival that gives up on some data does not end the run."""
    try:
        return measured(engine, path)
    except Broken as error:
        if engine not in RIVALS:
            raise
        print(f"{engine:<38} gave up: {str(error).strip().splitlines()[-1][:90]}", flush=True)
        return []


def _applies(engine: str, data: Clean) -> bool:
    return not ENGINES[engine].needs_identifiers or any(map(any, data.identifiers.values()))


def text(line: Line, floor: Line) -> str:
    """One line of the table; what an engine does not tell is left empty."""
    found, judged = line.accuracy, line.judged
    scores = (
        f"{judged.calibration:7.3f} {judged.band_precision:7.4f} {judged.band_coverage:7.3f} "
        f"{judged.sure_coverage:7.3f}"
        if judged
        else " " * 31
    )
    slower = line.wall / floor.wall
    cost = f"{line.wall:8.2f} {line.cpu:8.2f} {line.memory_mb:6.0f} {line.data_mb:7.0f} {slower:8.1f}"
    return (
        f"{line.engine:<38} {found.precision:8.4f} {found.recall:6.4f} {found.f1:6.4f} "
        f"{found.bcubed_f1:6.4f} {scores} {found.largest:8,} {cost if line.wall else ''}"
    ).rstrip()
