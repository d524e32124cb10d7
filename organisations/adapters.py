"""Where allauth asks us."""

from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from cdp.lib import crypto

# Authenticator secrets belong to the user, and users live in the public schema.
SEALED_FOR = "public"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": gettext_lazy("This e-mail address and password do not belong together."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: the ways in are an invitation and the first sign-in link."""
        return False

    def clean_email(self, email: str) -> str:
        return email.strip().lower()

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Never the address of the request: its Host header is the visitor's to choose."""
        path: str = urlsplit(super().get_reset_password_from_key_url(key)).path
        return f"{settings.FOYER_BASE_URL}{path}"

    def format_email_subject(self, subject: str) -> str:
        return f"Foyer: {subject}"


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Authenticator secrets and recovery-code seeds are encrypted at rest."""

    def encrypt(self, text: str) -> str:
        return crypto.seal(SEALED_FOR, text)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.unseal(SEALED_FOR, encrypted_text)
