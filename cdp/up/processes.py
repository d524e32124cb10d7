"""What the database and the programs have in common as child processes."""

import ctypes
from collections.abc import Callable
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


def dies_with_parent(how: int) -> Callable[[], None]:
    """For Popen's preexec_fn: the kernel sends `how` to the child when its parent is gone."""

    def ask() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, how, 0, 0, 0)

    return ask


def end_of(log: Path) -> str:
    """The last lines, which usually hold the reason."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-8:]) or "It wrote nothing to its log."
