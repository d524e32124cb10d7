"""`manage.py up` as a process of its own, on an empty data folder."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from tests.server import HOME, locked
from tests.template import fingerprint

pytestmark = pytest.mark.slow


# Workers of one test run look for a free port each from a place of its own: two that look at the same
# moment would find the same.
FIRST_PORT = 8000 + 100 * int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0)


class Up:
    """A running `up`, with what it has said so far."""

    def __init__(self, data: Path, *options: str) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.said = ""
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--no-demo", *(options or ("--port", str(FIRST_PORT)))],
            env=kept | {"FOYER_DATA": str(data), "FOYER_WORKERS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said += line

    def address(self) -> str:
        return self.hears(r"Foyer is at +http://([\d.:]+)/")

    def hears(self, pattern: str, seconds: float = 90) -> str:
        end = time.monotonic() + seconds
        while not (match := re.search(pattern, self.said)):
            assert time.monotonic() < end, self.said
            assert self.process.poll() is None or re.search(pattern, self.said), self.said
            time.sleep(0.05)
        return match[1] if match.groups() else match[0]

    def status(self, path: str) -> int:
        page = http.client.HTTPConnection(self.address(), timeout=10)
        page.request("GET", path)
        return page.getresponse().status

    def family(self) -> list[psutil.Process]:
        family: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return family

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(how)
        return self.process.wait(90)


Start = Callable[..., Up]


@contextmanager
def starting(data: Path) -> Iterator[Start]:
    started: list[Up] = []

    def start(*options: str) -> Up:
        started.append(Up(data, *options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.end()


@pytest.fixture
def up_new() -> Iterator[Start]:
    """On an empty folder: the first start, with every migration."""
    # Not pytest's own folder: as root, the database is another user, whom pytest keeps out.
    with (
        TemporaryDirectory(prefix="foyer-up-", ignore_cleanup_errors=True) as data,
        starting(Path(data)) as start,
    ):
        yield start


@pytest.fixture
def up() -> Iterator[Start]:
    """On a copy of a folder that was set up before."""
    with TemporaryDirectory(prefix="foyer-up-", ignore_cleanup_errors=True) as place:
        data = Path(place) / "data"
        _copy(_set_up_before(), data)
        with starting(data) as start:
            yield start


def _set_up_before() -> Path:
    """Made by whichever worker is first, and again when the tables change."""
    data = HOME / f"up-{fingerprint()}"
    with locked("up"):
        if not data.exists():
            for old in HOME.glob("up-*"):
                shutil.rmtree(old, ignore_errors=True)
            unfinished = HOME / "up-unfinished"
            with starting(unfinished) as start:
                one = start()
                one.address()
                assert one.end() == 0
            unfinished.rename(data)
    return data


def _copy(data: Path, to: Path) -> None:
    """With the owners of its files: as root, the database is another user's."""
    subprocess.run(["cp", "-a", str(data), str(to)], check=True)


def gone(family: list[psutil.Process], seconds: float = 15) -> bool:
    return not psutil.wait_procs(family, timeout=seconds)[1]


def test_it_comes_up_welcomes_its_first_reader_and_leaves_nothing_behind(up_new: Start) -> None:
    first = up_new()
    assert first.status("/accounts/login/") == 200
    assert first.status(first.hears(r"Begin here +http://[\d.:]+(/welcome/\S+)")) == 200
    family = first.family()
    names = " ".join(" ".join(process.cmdline()) for process in family)
    assert all(word in names for word in ("postgres -D", "gunicorn", "worker", "beat"))
    assert first.end() == 0
    assert first.said.rstrip().endswith("Stopped.")
    assert gone(family, 1)

    began = time.monotonic()
    second = up_new()
    assert second.status("/accounts/login/") == 200
    assert second.end(signal.SIGTERM) == 0
    assert time.monotonic() - began < 60


def test_it_keeps_what_falls_running_and_its_children_do_not_outlive_it(up: Start) -> None:
    one = up()
    one.address()
    web = next(process for process in one.family() if "gunicorn" in " ".join(process.cmdline()))
    web.kill()
    one.hears("web server +stopped; started again")
    postgres = next(process for process in one.family() if "postgres -D" in " ".join(process.cmdline()))
    postgres.kill()
    one.hears("Database +stopped; starting it again")
    family = one.family()
    one.end(signal.SIGKILL)
    assert gone(family, 90)  # the database writes everything down first
    again = up()
    assert again.status("/healthz") == 200


def test_asked_to_stop_while_starting_it_stops_and_can_start_again(up: Start) -> None:
    first = up()
    first.hears("Tables +up to date")
    family = first.family()
    assert first.end() == 0, first.said
    assert "Foyer is at" not in first.said
    assert gone(family, 1)
    assert up().status("/healthz") == 200


def test_a_second_one_on_the_same_data_is_refused_with_the_way_out(up: Start) -> None:
    first = up()
    first.address()
    second = up()
    assert second.process.wait(30) == 1
    assert "already up" in second.said
    assert "To mend it:  stop the other one with Ctrl-C" in second.said
    assert first.status("/healthz") == 200


def test_a_taken_port_is_left_to_its_owner(up: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        address = up("--port", str(port)).address()
    host, _, found = address.partition(":")
    assert host == "127.0.0.1"
    assert int(found) > port
