"""`manage.py mailchimp_standin`: Mailchimp's stand-in on this machine, for the demo and for trying things."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from integrations.mailchimp.standin import Standin


class Command(BaseCommand):
    help = "Run a stand-in for Mailchimp. Nothing that reaches it is sent to anybody."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8025)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--state", type=Path, help="keep the accounts in this file")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        state = options["state"]
        with Standin(host=options["host"], port=options["port"], state=state) as standin:
            self.stdout.write(f"Mailchimp's stand-in is at {standin.base}")
            stop.wait()
