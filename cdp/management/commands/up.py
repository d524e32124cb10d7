"""`manage.py up`, which bin/up runs: an installation on one machine, in the foreground."""

import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from cdp.up.supervisor import Supervisor
from cdp.up.terminal import UpFailed, failure, short


class Command(BaseCommand):
    help = "Starts everything Foyer needs on this machine and keeps it running until Ctrl-C."
    requires_system_checks = ()  # they ask the database, which is not up yet

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=settings.FOYER_PORT, help="(default: %(default)s)")
        parser.add_argument("--no-demo", action="store_true", help="without the example organisations")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            Supervisor(port=options["port"], with_demo=not options["no_demo"]).run()
        except UpFailed as error:
            failure(error)
            raise SystemExit(1) from None
        except Exception as error:
            logging.getLogger(__name__).exception("up failed")
            log: Path = settings.FOYER_DATA / "log" / "up.log"
            failure(UpFailed(f"{type(error).__name__}: {error}", f"read the whole log: less {short(log)}"))
            raise SystemExit(1) from None
