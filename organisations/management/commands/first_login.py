from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from organisations import first_login


class Command(BaseCommand):
    help = "Prints a link, good once and for a day, that makes whoever opens it a platform operator."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(first_login.make_link(settings.FOYER_BASE_URL))
