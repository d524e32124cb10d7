"""Connection secrets at rest: encrypted under the organisation's own key (`cdp.lib.crypto`)."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from cdp.lib import crypto
from integrations.errors import ConfigurationError


def seal(values: dict[str, Any]) -> str:
    return crypto.seal(connection.schema_name, json.dumps(values)) if values else ""


def unseal(sealed: str) -> dict[str, Any]:
    """The secrets again; `ConfigurationError` when this installation's key is another now."""
    if not sealed:
        return {}
    try:
        opened: dict[str, Any] = json.loads(crypto.unseal(connection.schema_name, sealed))
    except crypto.Unreadable:
        raise ConfigurationError(
            "The stored password or key cannot be read: the encryption key has changed. Enter it again."
        ) from None
    return opened
