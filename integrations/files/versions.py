"""Saving and restoring mappings. A version is never changed; what a permission column means is
written down at its collection point in the same act."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import cast

from django.db import transaction
from django.utils.translation import gettext as _

from cdp.lib import clock
from consent.models import CollectionPoint
from integrations.files.models import Mapping
from integrations.files.points import differs, verified_points, write_points
from integrations.files.spec import Column, Offered, Problem, Spec, problems
from integrations.models import Connection
from organisations.audit.verbs import record
from organisations.models import User


class NotUsable(Exception):
    """The mapping has problems. Carries them."""

    def __init__(self, found: Sequence[Problem]) -> None:
        super().__init__(f"{len(found)} problems")
        self.problems = list(found)


def save_mapping(
    *,
    connection: Connection,
    spec: Spec,
    header: Sequence[str],
    actor: User | None,
    vouched: Collection[str] = (),
    note: str = "",
) -> Mapping:
    """The next version, and the one in force from now on. Raises `NotUsable`.

    `vouched` are keys of collection points whose answers the actor stands for: from then on
    a yes heard there may open something (CONSENT.md 2.6).
    """
    spec = _signed(spec, actor, vouched) if actor else spec
    found = problems(spec) + _unvouched(spec, vouched)
    if found:
        raise NotUsable(found)
    with transaction.atomic():
        locked = Connection.objects.select_for_update().get(pk=connection.pk)
        latest = Mapping.objects.filter(connection=locked).order_by("-version").first()
        Mapping.objects.filter(connection=locked, active=True).update(active=False)
        write_points(connection=locked, spec=spec, actor=actor, vouched=vouched)
        mapping = Mapping.objects.create(
            connection=locked,
            version=latest.version + 1 if latest else 1,
            header=list(header),
            spec=spec.to_json(),
            note=note,
            created_by=actor,
        )
        summary = {"version": mapping.version, "columns": len(spec.targets()), "vouched": sorted(vouched)}
        record(actor=actor, verb="mapping.saved", target=connection.slug, summary=summary)
    return mapping


def restore_mapping(*, connection: Connection, version: int, actor: User | None) -> Mapping:
    """An earlier version as the newest one: history is added to, not rewound.

    Answers about permissions stay as they were vouched for since; they are not a mapping's to undo.
    """
    old = Mapping.objects.get(connection=connection, version=version)
    note = _("as version %(version)d") % {"version": version}
    spec = _as_vouched(old.read())
    return save_mapping(connection=connection, spec=spec, header=old.header, actor=actor, note=note)


def _signed(spec: Spec, actor: User, vouched: Collection[str]) -> Spec:
    def signed(column: Column) -> Column:
        if column.consent is None or column.consent.point not in vouched:
            return column
        at = clock.now().isoformat(timespec="seconds")
        return replace(column, consent=replace(column.consent, verified_by=str(actor), verified_at=at))

    return replace(spec, columns=tuple(signed(column) for column in spec.columns))


def _unvouched(spec: Spec, vouched: Collection[str]) -> list[Problem]:
    """Answers that somebody stands for change only when somebody stands for the new ones."""
    verified = verified_points(spec)
    return [
        Problem(_("%(who)s vouched for other answers. To change them, vouch for these.") % _who(point), at)
        for at, column in enumerate(spec.columns)
        if column.consent is not None
        and (point := verified.get(column.consent.point)) is not None
        and column.consent.point not in vouched
        and differs(point, column.consent)
    ]  # fmt: skip


def _who(point: CollectionPoint) -> dict[str, str]:
    return {"who": point.verified_by}


def _as_vouched(spec: Spec) -> Spec:
    verified = verified_points(spec)

    def kept(column: Column) -> Column:
        point = verified.get(column.consent.point) if column.consent else None
        if point is None or column.consent is None:
            return column
        answers = replace(
            column.consent,
            purpose=point.purposes[0] if point.purposes else column.consent.purpose,
            channels=tuple(point.channels),
            words=point.wording,
            no_is_refusal=point.no_is_explicit,
            optout_offered=cast(Offered, point.optout_offered),
        )
        return replace(column, consent=answers)

    return replace(spec, columns=tuple(kept(column) for column in spec.columns))
