"""Connection secrets at rest: encrypted under the organisation's own key (`cdp.lib.crypto`)."""

from __future__ import annotations

import json
from typing import Any

from cdp.lib import crypto
from cdp.lib.tenancy import current_schema
from integrations.errors import ConfigurationError


def seal(values: dict[str, Any]) -> str:
    return crypto.seal(current_schema(), json.dumps(values)) if values else ""


def unseal(sealed: str) -> dict[str, Any]:
    """The secrets again; `ConfigurationError` when this installation's key is another now."""
    if not sealed:
        return {}
    try:
        opened: dict[str, Any] = json.loads(crypto.unseal(current_schema(), sealed))
    except crypto.Unreadable:
        raise ConfigurationError(
            "The stored password or key cannot be read: the encryption key has changed. Enter it again."
        ) from None
    return opened
