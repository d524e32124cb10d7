"""Python's cycle collector, put off while many objects without cycles are made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def rests() -> Iterator[None]:
    """For a bounded piece of work: a chunk of rows makes a million objects, none of them in a cycle, and
    the collector would walk all of them again and again (40 % of the time, measured)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
