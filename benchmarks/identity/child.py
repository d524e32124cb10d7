"""One engine in a process of its own, so that its memory is its own."""

from __future__ import annotations

import multiprocessing
import resource
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from benchmarks.identity import dataset
from benchmarks.identity.dataset import Clean
from benchmarks.identity.engines import ENGINES
from benchmarks.identity.evaluate import Accuracy, Judged, accuracy, judge
from benchmarks.identity.exact_layers import connected
from benchmarks.identity.outcome import Outcome


class Broken(RuntimeError):
    """The engine failed; the text is its traceback."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table. Seconds on the wall and of CPU (user and system, children too), peak
    memory of the whole process with the data in it (MB); zero where a row is a by-product."""

    engine: str
    accuracy: Accuracy
    judged: Judged | None
    wall: float = 0.0
    cpu: float = 0.0
    memory_mb: float = 0.0
    data_mb: float = 0.0
    notes: tuple[str, ...] = ()


def measured(engine: str, path: Path) -> list[Line]:
    """Runs one engine over saved data and judges it. Errors: Broken."""
    here, there = multiprocessing.get_context("spawn").Pipe(duplex=False)
    work = multiprocessing.get_context("spawn").Process(target=_work, args=(engine, path, there))
    work.start()
    there.close()
    try:
        found = here.recv()
    except EOFError:
        found = f"{engine} ended without an answer (out of memory?)"
    work.join()
    if isinstance(found, str):
        raise Broken(found)
    lines: list[Line] = found
    return lines


def _work(engine: str, path: Path, answer: Connection) -> None:
    try:
        answer.send(list(_lines(engine, dataset.load(path))))
    except Exception:
        answer.send(traceback.format_exc())


def _lines(engine: str, data: Clean) -> Iterator[Line]:
    ENGINES[engine].prepare()
    held = _peak_mb()
    wall, cpu = time.perf_counter(), _cpu()
    outcome = ENGINES[engine].run(data)
    wall, cpu, peak = time.perf_counter() - wall, _cpu() - cpu, _peak_mb()
    yield replace(_line(data, engine, outcome), wall=wall, cpu=cpu, memory_mb=peak, data_mb=held)
    for name, other in outcome.more.items():
        yield _line(data, name, other)
    if outcome.thresholds:
        yield _by_truth(data, engine, outcome)


def _line(data: Clean, engine: str, outcome: Outcome) -> Line:
    judged = judge(data.truth, outcome.scored) if outcome.scored is not None else None
    return Line(engine, accuracy(data.truth, outcome.labels), judged, notes=outcome.notes)


def _by_truth(data: Clean, engine: str, outcome: Outcome) -> Line:
    """The same scores, clustered at whichever threshold the truth likes best. No engine may know it."""
    scored = outcome.scored
    assert scored is not None
    tried = []
    for threshold in outcome.thresholds:
        sure = scored.probability >= threshold
        tried.append(accuracy(data.truth, connected(len(data), scored.a[sure], scored.b[sure])))
    at = int(np.argmax([found.f1 for found in tried]))
    return Line(
        f"{engine}, threshold by the truth", tried[at], None, notes=(f"at {outcome.thresholds[at]:.6f}",)
    )


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def _peak_mb() -> float:
    """High water of this process alone: ru_maxrss would begin with the parent's."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
