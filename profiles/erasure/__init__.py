"""The only way out: who was erased is gone from every table, and stays away.

`tombstones` stop what later files bring again, `stores` say what erasing does to each table,
`traces` find somebody in rows kept as they came. Requests, approval and proof are the
consent room's (`consent.rights.erasure`).
"""

from profiles.erasure.tombstones import Buried, Value, buried, bury, canonical, digest

__all__ = ["Buried", "Value", "buried", "bury", "canonical", "digest"]
