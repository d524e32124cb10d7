"""One chunk at a time per organisation: who is who must not be decided twice at once."""

import zlib

from cdp.lib import locks
from cdp.lib.tenancy import current_schema


def wait_for_turn() -> None:
    """Holds the organisation's ingest lock until the transaction ends."""
    locks.wait_in_transaction("ingest", zlib.crc32(current_schema().encode()) & 0x7FFFFFFF)
