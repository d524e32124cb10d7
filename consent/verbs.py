"""What staff do about permissions. Every verb writes the audit log itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from cdp.lib import clock, sql
from consent import answers, ledger
from consent.facts import NEWSLETTER
from consent.ledger import Consequences
from consent.models import CollectionPoint, ConsentText, RuleOverride
from consent.rules import Rules, tightened
from organisations.audit.verbs import record as audit
from organisations.models import User
from profiles.models import Source

USUAL = {"purposes": [NEWSLETTER], "channels": ["email"]}
"""What a new point asks for, unless somebody says otherwise."""

KEEP: Any = object()
"""An answer that was not given now: what the point says stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """Answers to the questions about a collection point. Fields as in `CollectionPoint`.

    Whoever asks only some of the questions leaves the other answers as they are.
    """

    purposes: Sequence[str] = KEEP
    channels: Sequence[str] = KEEP
    kind: str = KEEP
    wording: str = KEEP
    text: ConsentText | None = KEEP
    preticked: bool = KEEP
    no_is_explicit: bool = KEEP
    optout_offered: str = KEEP
    contract_party: str = KEEP
    sales_channel: str = KEEP
    last_written_at: datetime | None = KEEP
    valid_from: datetime | None = KEEP
    valid_to: datetime | None = KEEP

    def put_on(self, point: CollectionPoint) -> list[str]:
        """Writes the answers on a point; answers the names of those that changed."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        given = {name: _plain(value) for name, value in given.items() if value is not KEEP}
        changed = [name for name, value in given.items() if getattr(point, name) != value]
        for name in changed:
            setattr(point, name, given[name])
        return changed


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple | list) else value


def ensure_point(
    *, key: str, name: str, source: Source | None, meaning: Meaning, actor: User | None = None
) -> CollectionPoint:
    """The collection point with this key, made or brought up to date by whoever sets up a source.

    What somebody has verified is theirs: its answers are not touched here.
    """
    with transaction.atomic():
        point, made = CollectionPoint.objects.select_for_update().get_or_create(
            key=key,
            defaults={"name": name, "source": source, "time_zone": _own_clock()} | USUAL,
        )
        if point.is_verified:
            return point
        changed = meaning.put_on(point)
        if made or changed:
            point.save()
            _noted(actor, "collection_point.set_up", point, changed)
    return point


def _own_clock() -> str:
    return str(connection.tenant.time_zone)  # type: ignore[attr-defined]


def verify_point(point: CollectionPoint, *, meaning: Meaning, actor: User) -> Consequences:
    """Puts somebody's name to what a yes, and a no, at this point means.

    What was heard before then counts: waiting claims open with grade B where no no
    stands, and remembered nos become refusals or stop being some. One act, one
    transaction, and everybody who was ever asked here is decided anew.
    """
    with transaction.atomic():
        answers.wait_for_turn()
        point = CollectionPoint.objects.select_for_update().get(pk=point.pk)
        changed = meaning.put_on(point)
        point.verified_by, point.verified_at = str(actor), clock.now()
        point.save()
        done = ledger.settle_point(point)
        answers.refresh(identifier_ids=_concerned(point))
        _noted(actor, "collection_point.verified", point, changed, asdict(done))
    return done


def _concerned(point: CollectionPoint) -> list[int]:
    """Everybody whose answer rests on this point: asked here, or buyers of its source."""
    params = {"point_id": point.pk, "source_id": point.source_id}
    found: list[int] = sql.value("consent/point_contacts", params)
    return found


def add_text(
    *,
    actor: User | None,
    name: str,
    body: str,
    purposes: Sequence[str],
    channels: Sequence[str],
    locale: str = "nb",
    **facts: Any,
) -> ConsentText:
    """A consent text, or the next version of the one with this name and language."""
    with transaction.atomic():
        same = ConsentText.objects.filter(name=name, locale=locale)
        latest = same.aggregate(latest=Max("version"))["latest"] or 0
        text = ConsentText.objects.create(
            name=name,
            version=latest + 1,
            locale=locale,
            body=body,
            body_sha256=hashlib.sha256(body.encode()).hexdigest(),
            purposes=list(purposes),
            channels=list(channels),
            supersedes=same.filter(version=latest).first(),
            **facts,
        )
        audit(actor=actor, verb="consent_text.added", target=str(text), summary={"version": text.version})
    return text


def tighten(*, actor: User, place: str, name: str, value: Any) -> RuleOverride:
    """Makes one rule stricter for this organisation. Raises `LaxerRule` for a laxer value.

    `place` is a country code or "policy". Everybody is decided anew under the new rules.
    """
    with transaction.atomic():
        tightened(Rules(), {place: {name: value}})
        rule, _made = RuleOverride.objects.update_or_create(
            place=place, name=name, defaults={"value": value, "set_by": str(actor), "set_at": clock.now()}
        )
        answers.refresh()
        summary = {"place": place, "name": name, "value": value}
        audit(actor=actor, verb="rule.tightened", target=f"{place}.{name}", summary=summary)
    return rule


def _noted(
    actor: User | None,
    verb: str,
    point: CollectionPoint,
    changed: list[str],
    more: dict[str, Any] | None = None,
) -> None:
    audit(actor=actor, verb=verb, target=point.key, summary={"changed": sorted(changed)} | (more or {}))
