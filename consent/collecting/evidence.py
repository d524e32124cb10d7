"""The traces that prove an act: address of the browser, its kind, the page. Short-lived (CONSENT.md 1.8).

They go after six months, and with the yes that they prove. A no needs no proof and gets none.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from cdp.lib import clock, crypto, sql
from cdp.lib.tenancy import current_schema
from consent.models import ConsentEvidence

KEPT = timedelta(days=183)
MOST_AGENT, MOST_URL = 300, 300


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a request shows of itself. `page_url` is the page that shows the form."""

    ip: str = field(default="", repr=False)
    user_agent: str = field(default="", repr=False)
    page_url: str = field(default="", repr=False)


def keep(positions: Collection[int], shown: Evidence, *, token_hash: str = "") -> int:
    """Stores the evidence of these ledger entries, the address of the browser encrypted."""
    sealed = crypto.seal(current_schema(), shown.ip) if shown.ip else ""
    rows = [
        ConsentEvidence(
            event_id=position,
            ip_sealed=sealed,
            user_agent=shown.user_agent[:MOST_AGENT],
            page_url=page(shown.page_url),
            doi_token_hash=token_hash,
            expires_at=clock.now() + KEPT,
        )
        for position in positions
    ]
    return len(ConsentEvidence.objects.bulk_create(rows, ignore_conflicts=True))


def page(address: str) -> str:
    """Scheme, host and path of a web address; the rest may name a person. '' for anything else."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"
    return f"{parts.scheme}://{host}{parts.path}"[:MOST_URL]


def forget_old() -> int:
    """Nightly: what has expired, and what proves a yes that was taken back; answers how many."""
    expired, _tables = ConsentEvidence.objects.filter(expires_at__lte=clock.now()).delete()
    return expired + sql.count("consent/evidence_withdrawn", {"identifier_ids": [], "everybody": True})


def forget_withdrawn(identifier_ids: Collection[int]) -> int:
    """At a withdrawal: the evidence of what these contact points have no longer said yes to."""
    params = {"identifier_ids": list(identifier_ids), "everybody": False}
    return sql.count("consent/evidence_withdrawn", params)
