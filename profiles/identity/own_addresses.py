"""Addresses of the house's own domains that came in before anybody knew they were: they join nobody."""

from __future__ import annotations

from cdp.lib import sql
from profiles import own_domains
from profiles.identity.acting import begin, finish, turn
from profiles.models import IdentifierBlock, IdentityAct


def adopt() -> int:
    """Brings the list of own domains up to date and judges what has come in by it, every night.

    Answers how many records are found anew. What a person has judged stays as it is.
    """
    own_domains.note()
    active = IdentifierBlock.objects.filter(origin=IdentifierBlock.Origin.OWN, active=True)
    patterns = set(active.values_list("pattern", flat=True))
    domains = sorted(d for d in own_domains.domains() if own_domains.pattern(d) in patterns)
    with turn():
        rows = sql.rows("profiles/own_addresses_block", {"domains": domains})
        if rows:
            act = begin(IdentityAct.Kind.RULES, actor="", own_domains=domains)
            finish(act, [row["record_id"] for row in rows])
    return len(rows)
