"""Secrets of connections, and hashes that only this installation can make.

Every organisation has keys of its own, derived from the installation's: a value copied from one
organisation's schema into another's cannot be read there, and hashes cannot be compared across.
"""

import base64
import hmac
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
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


def seal_lasting(schema: str, use: str, clear: bytes) -> bytes:
    """Encrypts what must be readable for ever, such as a link in an old mail: 16 bytes longer, no time in
    it, and the same again for the same (AES-SIV, RFC 5297). Under the hash key, which never changes."""
    return _siv(schema, settings.FOYER_HASH_KEY).encrypt(clear, [use.encode()])


def unseal_lasting(schema: str, use: str, sealed: bytes) -> bytes:
    """What was sealed; `Unreadable` when it was altered, or sealed for another organisation or use."""
    try:
        return _siv(schema, settings.FOYER_HASH_KEY).decrypt(sealed, [use.encode()])
    except (InvalidTag, ValueError):
        raise Unreadable from None


@lru_cache(maxsize=256)
def _siv(schema: str, key: str) -> AESSIV:
    return AESSIV(_derive(key, "lasting", schema))


def row_key(schema: str) -> bytes:
    """The key (32 bytes) under which an organisation's rows are known again."""
    return _derive(settings.FOYER_HASH_KEY, "rows", schema)


@lru_cache(maxsize=256)
def _fernet(schema: str, keys: tuple[str, ...]) -> MultiFernet:
    derived = (_derive(key, "seal", schema) for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


@lru_cache(maxsize=256)
def _derive(key: str, use: str, schema: str) -> bytes:
    if not key:
        raise ImproperlyConfigured("FOYER_ENCRYPTION_KEY and FOYER_HASH_KEY must be set.")
    return HKDF(SHA256(), 32, salt=None, info=f"foyer:{use}:{schema}".encode()).derive(key.encode())
