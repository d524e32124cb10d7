from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser

from organisations.models import User


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
        removed, _ = Authenticator.objects.filter(user=user).delete()
        self.stdout.write("Switched off." if removed else "It was not on.")
