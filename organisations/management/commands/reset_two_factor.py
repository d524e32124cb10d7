from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from organisations.models import User
from organisations.verbs import reset_two_factor


class Command(BaseCommand):
    help = (
        "Switches off two-factor sign-in for somebody who lost phone and recovery codes. Make sure who asks."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError("There is no account with this address.")
        removed = reset_two_factor(user=user)
        self.stdout.write("Switched off." if removed else "It was not on.")
