"""Programs kept running, and the settings that fit a machine."""

import sys
import time
from pathlib import Path

import pytest

from cdp.up.children import KEEP_LOG, TRIES, Child, Fallen
from cdp.up.postgres import tuning


def child(tmp_path: Path, program: str, grace: float = 5) -> Child:
    return Child("program", [sys.executable, "-u", "-c", program], tmp_path / "log" / "program.log", grace)


def until_fallen(one: Child) -> None:
    while one.runs:
        time.sleep(0.02)


def keep_running_for_ever(one: Child) -> None:
    while True:
        one.keep_running()
        time.sleep(0.02)


def until_it_said(one: Child, words: str) -> None:
    end = time.monotonic() + 10
    while words not in one.log.read_text():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_one_that_falls_is_started_again_after_what_must_come_first(tmp_path: Path) -> None:
    order: list[str] = []
    one = child(tmp_path, "print('here')")
    one.before_restart = lambda: order.append("swept")
    one.start()
    until_fallen(one)
    assert one.keep_running()
    assert order == ["swept"]
    until_fallen(one)
    assert one.log.read_text() == "here\nhere\n"


def test_one_that_falls_again_waits_longer(tmp_path: Path) -> None:
    one = child(tmp_path, "pass")
    one.start()
    until_fallen(one)
    assert one.keep_running()
    until_fallen(one)
    assert not one.keep_running()
    time.sleep(1.1)
    assert one.keep_running()


def test_one_that_will_not_stay_up_ends_in_its_own_words(tmp_path: Path) -> None:
    one = child(tmp_path, "raise SystemExit('the reason')")
    one.start()
    with pytest.raises(Fallen, match=f"(?s)stopped {TRIES} times.*the reason"):
        keep_running_for_ever(one)


def test_one_that_does_not_stop_is_ended_with_all_it_started(tmp_path: Path) -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, lambda *_: None); print('up'); time.sleep(60)"
    )
    one = child(tmp_path, stubborn, grace=0.3)
    one.start()
    until_it_said(one, "up")
    one.ask_to_stop()
    one.wait_to_stop()
    assert not one.runs


def test_one_that_others_wait_for_says_when_it_is_ready(tmp_path: Path) -> None:
    ready = child(tmp_path, "import time; time.sleep(0.2); print('listening'); time.sleep(60)")
    ready.start()
    assert ready.wait_to_speak(10)
    ready.kill()
    silent = child(tmp_path, "pass")
    silent.start()
    assert not silent.wait_to_speak(10)


def test_a_long_log_is_set_aside(tmp_path: Path) -> None:
    one = child(tmp_path, "print('new')")
    one.log.parent.mkdir()
    one.log.write_bytes(b"x" * (KEEP_LOG + 1))
    one.start()
    until_it_said(one, "new")
    assert one.log.stat().st_size < 10
    assert one.log.with_suffix(".old").stat().st_size == KEEP_LOG + 1


@pytest.mark.parametrize(
    ("gigabytes", "buffers", "work"), [(0.5, "64MB", "8MB"), (8, "1024MB", "32MB"), (256, "4096MB", "128MB")]
)
def test_the_database_is_tuned_to_the_machine(gigabytes: float, buffers: str, work: str) -> None:
    settings = tuning(int(gigabytes * 2**30))
    assert (settings["shared_buffers"], settings["work_mem"]) == (buffers, work)
