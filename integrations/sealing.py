"""Connection secrets at rest: encrypted with a key made from SECRET_KEY.

Keys in SECRET_KEY_FALLBACKS still open what they sealed, so the key can be changed.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from integrations.errors import ConfigurationError


def seal(values: dict[str, Any]) -> str:
    return _box().encrypt(json.dumps(values).encode()).decode() if values else ""


def unseal(sealed: str) -> dict[str, Any]:
    """The secrets again; `ConfigurationError` when SECRET_KEY changed without a fallback."""
    if not sealed:
        return {}
    try:
        opened: dict[str, Any] = json.loads(_box().decrypt(sealed.encode()))
    except InvalidToken:
        raise ConfigurationError(
            "The stored password or key cannot be read: SECRET_KEY has changed. Enter it again."
        ) from None
    return opened


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derive(key)) for key in keys])


def _derive(key: str) -> bytes:
    return base64.urlsafe_b64encode(
        hashlib.sha256(b"foyer.connection-secrets:" + key.encode()).digest()
    )
