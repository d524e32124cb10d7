"""What `up` says: one line per step, with a tick."""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class UpFailed(Exception):
    """Something that a person must mend: the cause, and the one command that does it."""

    def __init__(self, cause: str, mend: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.mend = mend


def _colour(code: str, text: str) -> str:
    return f"\033[{code}m{text}\033[0m" if sys.stdout.isatty() else text


def line(mark: str, name: str, detail: str) -> None:
    print(f"  {mark} {name:<16} {detail}".rstrip(), flush=True)


@contextmanager
def step(name: str) -> Iterator[Callable[[str], None]]:
    """Prints the tick when the block has ended well; the block may say what came of it."""
    said: list[str] = []
    if sys.stdout.isatty():
        print(f"  … {name}", end="", flush=True)
    try:
        yield said.append
    except BaseException:
        _back()
        line(_colour("31", "✗"), name, "")
        raise
    _back()
    line(_colour("32", "✓"), name, ", ".join(said))


def _back() -> None:
    if sys.stdout.isatty():
        print("\r\033[K", end="")


class Murmur(io.StringIO):
    """Takes what a command prints and shows the newest line of it, until the step's tick replaces it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def write(self, text: str) -> int:
        if text.strip() and sys.stdout.isatty():
            _back()
            print(f"  … {self.name:<16} {text.strip()[:60]}", end="", flush=True)
        return super().write(text)

    def repeat(self) -> None:
        """All of it once more, below the tick."""
        for told in self.getvalue().splitlines():
            print(f"    {told}", flush=True)


def failure(error: UpFailed) -> None:
    print(f"\n{error.cause}\n\nTo mend it:  {error.mend}\n", file=sys.stderr, flush=True)


def short(path: Path) -> str:
    """Relative to where the reader stands, if that is shorter to read."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
