"""Secrets of connections, and hashes that only this installation can make.

Every organisation has keys of its own, derived from the installation's: a value copied from one
organisation's schema into another's cannot be read there, and hashes cannot be compared across.
"""

import base64
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class Unreadable(Exception):
    """Encrypted under a key that this installation no longer has, or for another organisation."""


def seal(schema: str, clear: str) -> str:
    """Encrypts for the organisation with this schema name."""
    return _fernet(schema, tuple(settings.FOYER_ENCRYPTION_KEYS)).encrypt(clear.encode()).decode()


def unseal(schema: str, sealed: str) -> str:
    """What was sealed; `Unreadable` when the key has changed or the organisation is another."""
    try:
        return _fernet(schema, tuple(settings.FOYER_ENCRYPTION_KEYS)).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def keyed_hash(schema: str, value: str) -> bytes:
    """HMAC-SHA-256 (32 bytes): recognises an erased person's address without keeping it."""
    key = _derive(settings.FOYER_HASH_KEY, "hash", schema)
    return hmac.digest(key, value.encode(), "sha256")


@lru_cache(maxsize=256)
def _fernet(schema: str, keys: tuple[str, ...]) -> MultiFernet:
    derived = (_derive(key, "seal", schema) for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


@lru_cache(maxsize=256)
def _derive(key: str, use: str, schema: str) -> bytes:
    if not key:
        raise ImproperlyConfigured("FOYER_ENCRYPTION_KEY and FOYER_HASH_KEY must be set.")
    return HKDF(SHA256(), 32, salt=None, info=f"foyer:{use}:{schema}".encode()).derive(key.encode())
