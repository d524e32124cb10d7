"""Brings an installation up in order and takes it down in order.

Up: database, tables, static files, example data, then scheduler, web server and worker. Down: those
three first, each with time to finish what it is doing, and the database last.
"""

import fcntl
import http.client
import io
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import OperationalError, connection

from cdp.lib.logs import LineFormatter
from cdp.up import demo, ports, queue
from cdp.up.children import Child, Fallen
from cdp.up.postgres import Postgres, PostgresFailed, memory, tuning
from cdp.up.terminal import Murmur, UpFailed, line, short, step

ANSWERS_WITHIN = 60.0
TASK_GRACE = 60.0
"""Seconds a worker gets for the tasks in hand. What takes longer comes back at the next start."""


CELERY = (sys.executable, "-m", "celery", "-A", "cdp.celery")


class Interrupted(BaseException):
    """Somebody asked to stop while things were still being started."""


class Supervisor:
    def __init__(self, *, port: int, with_demo: bool) -> None:
        self.data: Path = settings.FOYER_DATA
        self.with_demo = with_demo
        self.wanted_port = port
        self.postgres: Postgres | None = None
        self.children: list[Child] = []
        self.stopping = threading.Event()
        self.coming_up = True

    def run(self) -> None:
        """Returns when somebody has asked to stop and everything has."""
        with self._only_one():
            self._listen_to_signals()
            self._log_to_file()
            try:
                self._bring_up()
                self.coming_up = False
                self._watch()
            except Interrupted:
                pass
            except Exception as error:
                self._judge(error)
            finally:
                self._take_down()

    def _judge(self, error: Exception) -> None:
        """What goes wrong while we are asked to stop comes of stopping, such as a file closed twice."""
        if self.stopping.is_set():
            logging.getLogger("foyer.up").warning("While stopping: %s", type(error).__name__)
        elif isinstance(error, PostgresFailed | Fallen):
            raise UpFailed(str(error), f"read the whole log: less {short(error.log)}") from error
        else:
            raise error

    # --- up ----------------------------------------------------------------------------------------

    def _bring_up(self) -> None:
        port = self._choose_port()
        base_url = settings.FOYER_BASE_URL if "FOYER_BASE_URL" in os.environ else f"http://127.0.0.1:{port}"
        settings.FOYER_BASE_URL = base_url
        # Programs take a second or two to load, so each is started as soon as what it needs is there.
        mailchimp = self._start_stand_in()
        self._start_database()
        self._check_settings()
        self._migrate()
        self._collect_static()
        self._start(self._web_server(port))
        self._make_demo(mailchimp)
        queue.sweep(_raw())
        connection.close()
        self._start(self._worker())
        self._start(self._scheduler())
        self._wait_for_page(port)
        self._welcome(base_url)

    def _start_database(self) -> None:
        with step("Database") as say:
            if settings.EMBEDDED:
                socket = Path(settings.DATABASES["default"]["HOST"])
                self.postgres = Postgres(self.data, socket, tuning(memory()))
                self.postgres.start()
                self.postgres.ensure_database(settings.DATABASES["default"]["NAME"])
            say(f"PostgreSQL {_server_version()}")

    def _check_settings(self) -> None:
        with step("Settings"):
            try:
                call_command("check", stdout=io.StringIO())
            except SystemCheckError as error:
                raise UpFailed(str(error), "read docs/reference/settings.md") from error

    def _migrate(self) -> None:
        from organisations.schemas import ensure_template_schema

        with step("Tables") as say:
            call_command("migrate_schemas", verbosity=0, interactive=False)
            ensure_template_schema()
            queue.install(_raw())
            say("up to date")

    def _collect_static(self) -> None:
        if settings.DEBUG:
            return
        with step("Static files"):
            call_command("collectstatic", verbosity=0, interactive=False)

    def _choose_port(self) -> int:
        port = ports.free_port(self.wanted_port)
        if port is None:
            raise UpFailed(
                f"No free port from {self.wanted_port} on.", f"bin/up --port {self.wanted_port + 1000}"
            )
        return port

    def _start_stand_in(self) -> str:
        """Returns where it will listen; empty without example data."""
        if not self.with_demo or not demo.is_there():
            return ""
        port = ports.free_port(demo.STAND_IN_PORT)
        state = str(self.data / "mailchimp-standin.json")
        command = [sys.executable, "manage.py", demo.STAND_IN, "--port", str(port), "--state", state]
        self._start(self._child("stand-in", command, 5))
        return f"http://{ports.LOOPBACK}:{port}"

    def _make_demo(self, mailchimp: str) -> None:
        from organisations.models import Organisation

        if not mailchimp:
            return
        with step("Example data") as say:
            stand_in = self._named("stand-in")
            if not stand_in.wait_to_speak(ANSWERS_WITHIN):
                raise Fallen("stand-in for Mailchimp", "does not come up", stand_in.log)
            murmur = Murmur("Example data")
            demo.make(murmur, mailchimp=mailchimp)
            say(f"{Organisation.objects.filter(is_demo=True).count()} organisations")
        murmur.repeat()  # their morning, run by run, the first time

    def _web_server(self, port: int) -> Child:
        command = [sys.executable, "-m", "gunicorn", "cdp.wsgi", "--bind", f"{ports.LOOPBACK}:{port}"]
        command += ["--workers", str(settings.FOYER_WORKERS), "--worker-class", "gthread"]
        return self._child("web server", [*command, "--threads", "4", "--timeout", "60"], 35)

    def _worker(self) -> Child:
        command = [*CELERY, "worker", "--concurrency", str(settings.FOYER_WORKERS), "-l", "INFO"]
        # Gossip, mingle and heartbeats are broadcasts, for which the queue in PostgreSQL has no use.
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        worker = self._child("worker", command, TASK_GRACE)
        worker.before_restart = _sweep
        return worker

    def _scheduler(self) -> Child:
        return self._child("scheduler", [*CELERY, "beat", "--pidfile=", "-l", "INFO"], 10)

    def _child(self, name: str, command: list[str], grace: float) -> Child:
        log = self.data / "log" / f"{name.replace(' ', '-')}.log"
        # Our own database is killed with us; a worker would wait for it in vain before it stopped.
        dies_by = signal.SIGKILL if settings.EMBEDDED else signal.SIGTERM
        environment = {"FOYER_BASE_URL": settings.FOYER_BASE_URL}
        return Child(name, command, log, grace, environment, dies_by, settings.BASE_DIR)

    def _start(self, child: Child) -> None:
        self.children.append(child)
        child.start()

    def _wait_for_page(self, port: int) -> None:
        with step("Services") as say:
            end = time.monotonic() + ANSWERS_WITHIN
            while not _answers(port):
                if time.monotonic() > end:
                    raise Fallen("web server", "does not answer", self._named("web server").log)
                for child in self.children:
                    child.keep_running()
                time.sleep(0.1)
            say("web server, worker, scheduler")

    def _named(self, name: str) -> Child:
        return next(child for child in self.children if child.name == name)

    def _welcome(self, base_url: str) -> None:
        from organisations.first_login import make_link
        from organisations.models import User

        print(f"\n  Foyer is at   {base_url}/")
        if not User.objects.filter(is_operator=True).exists():
            print(f"  Begin here    {make_link(base_url)}")
            print("                The link works once and makes whoever opens it the administrator.")
        connection.close()
        print(f"  Data          {short(self.data)}")
        print(f"  Log           {short(self.data / 'log')}")
        print("  Stop          Ctrl-C\n")
        print("  Nothing is sent to anybody until you connect a sender.\n", flush=True)

    # --- running -----------------------------------------------------------------------------------

    def _watch(self) -> None:
        while not self.stopping.wait(0.5):
            if self.postgres and not self.postgres.runs:
                line("!", "Database", "stopped; starting it again")
                self.postgres.start()
            for child in self.children:
                if child.keep_running():
                    line("!", child.name, "stopped; started again")

    # --- down --------------------------------------------------------------------------------------

    def _take_down(self) -> None:
        self.coming_up = False
        if self.children:
            print("\n  Stopping, after what is in hand … (Ctrl-C again: at once)", flush=True)
        # The last started first, and all of them before what they lean on.
        leaning = [child for child in reversed(self.children) if child.name != "stand-in"]
        for group in (leaning, [child for child in self.children if child not in leaning]):
            for child in group:
                child.ask_to_stop()
            for child in group:
                child.wait_to_stop()
        connection.close()
        if self.postgres:
            self.postgres.stop()
        if self.children:
            print("  Stopped.", flush=True)

    # --- the frame ---------------------------------------------------------------------------------

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        self.data.mkdir(parents=True, exist_ok=True)
        if os.geteuid():  # as root, the database is another user, who must get in
            os.umask(0o077)
            self.data.chmod(0o700)
        with (self.data / "up.lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UpFailed(
                    f"Foyer is already up on the data in {short(self.data)}.",
                    "stop the other one with Ctrl-C, or give this one data of its own: "
                    "FOYER_DATA=/some/folder bin/up",
                ) from None
            yield

    def _log_to_file(self) -> None:
        """The terminal is for the steps."""
        log = self.data / "log" / "up.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(log, mode="w")
        handler.setFormatter(LineFormatter())
        logging.getLogger().handlers = [handler]

    def _listen_to_signals(self) -> None:
        def stop(_signal: int, _frame: FrameType | None) -> None:
            if self.stopping.is_set():
                for child in self.children:
                    child.kill()
            self.stopping.set()
            if self.coming_up:
                self.coming_up = False
                raise Interrupted

        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, stop)


def _server_version() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("show server_version")
            return str(cursor.fetchone()[0]).split(" ")[0]
    except OperationalError as error:
        # libpq's words name the host and the reason, never the password.
        raise UpFailed(f"The database does not answer.\n{error}", "check DATABASE_URL") from error


def _raw() -> "queue.Connection":
    connection.ensure_connection()
    raw: queue.Connection = connection.connection
    return raw


def _sweep() -> None:
    queue.sweep(_raw())
    connection.close()


def _answers(port: int) -> bool:
    page = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=5)
    try:
        page.request("GET", "/healthz")
        return page.getresponse().status == 200
    except OSError:
        return False
    finally:
        page.close()
