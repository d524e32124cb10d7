"""Secrets that are handed out once and recognised later: only their hash is kept."""

import hashlib
import secrets


def make() -> str:
    """256 random bits, safe in an address."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
