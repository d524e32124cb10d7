"""The programs that `up` keeps running: started in order, restarted when they fall, stopped in order."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cdp.up.processes import dies_with_parent, end_of

KEEP_LOG = 10 * 2**20
"""A log longer than this is set aside as `.old` at the next start."""
TRIES = 5
"""Falls within `WINDOW` seconds after which a program is not started again."""
WINDOW = 60.0


class Fallen(Exception):
    """A program that would not stay up; the message holds the end of its log."""

    def __init__(self, name: str, cause: str, log: Path) -> None:
        super().__init__(f"The {name} {cause}.\n\n{end_of(log)}")
        self.log = log


@dataclass
class Child:
    name: str
    command: Sequence[str]
    log: Path
    grace: float
    """Seconds it gets to finish what it is doing."""
    environment: Mapping[str, str] = field(default_factory=dict)
    dies_by: signal.Signals = signal.SIGTERM
    """What the kernel sends it when the supervisor is killed."""
    folder: Path = field(default_factory=Path.cwd)
    before_restart: Callable[[], object] = lambda: None
    falls: list[float] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None
    silent_at: int = 0

    def start(self) -> None:
        self._set_log_aside()
        with self.log.open("ab") as log:
            self.silent_at = log.tell()
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=os.environ | {"PYTHONUNBUFFERED": "1"} | dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches only the supervisor, which stops things in order
                preexec_fn=dies_with_parent(self.dies_by),
            )

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def wait_to_speak(self, seconds: float) -> bool:
        """Waits for the first words in its log: the programs that others wait for say so when ready."""
        end = time.monotonic() + seconds
        while self.runs and time.monotonic() < end:
            if self.log.stat().st_size > self.silent_at:
                return True
            time.sleep(0.05)
        return False

    def keep_running(self) -> bool:
        """Starts it again if it has fallen, later each time, and says whether it did."""
        if self.runs:
            return False
        now = time.monotonic()
        if self.process:  # it has fallen since we last looked
            self.process = None
            self.falls = [*(fall for fall in self.falls if now - fall < WINDOW), now]
        if len(self.falls) >= TRIES:
            raise Fallen(self.name, f"stopped {TRIES} times within a minute", self.log)
        if now - self.falls[-1] < len(self.falls) - 1:
            return False
        self.before_restart()
        self.start()
        return True

    def ask_to_stop(self) -> None:
        if self.runs:
            assert self.process
            self.process.terminate()

    def wait_to_stop(self) -> None:
        """Waits out its grace, then ends it and all it started."""
        if not self.process:
            return
        try:
            self.process.wait(self.grace)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()

    def kill(self) -> None:
        """Ends it at once, with all it started."""
        if self.process and self.runs:
            os.killpg(self.process.pid, signal.SIGKILL)

    def _set_log_aside(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > KEEP_LOG:
            self.log.replace(self.log.with_suffix(".old"))
