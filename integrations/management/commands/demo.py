"""`manage.py demo`: the example organisations. Called by `bin/up`; may be called again."""

from __future__ import annotations

import logging
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from integrations.demo.build import build


class Command(BaseCommand):
    help = "Make the example organisations and run their morning on the sample files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--mailchimp", default="", metavar="URL", help="where Mailchimp's stand-in listens"
        )

    def handle(self, *args: Any, mailchimp: str, **options: Any) -> None:
        logging.getLogger("foyer.http").setLevel(logging.WARNING)  # one line per step, not per call
        build(self.stdout.write, mailchimp=mailchimp)
