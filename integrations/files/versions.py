"""Saving and restoring mappings. A version is never changed; what a permission column means is
written down at its collection point in the same act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.files.models import Mapping
from integrations.files.points import write_points
from integrations.files.spec import Problem, Spec, problems
from integrations.models import Connection
from organisations.audit.verbs import record
from organisations.models import User


class NotUsable(Exception):
    """The mapping has problems. Carries them."""

    def __init__(self, found: Sequence[Problem]) -> None:
        super().__init__(f"{len(found)} problems")
        self.problems = list(found)


def save_mapping(
    *, connection: Connection, spec: Spec, header: Sequence[str], actor: User | None, note: str = ""
) -> Mapping:
    """The next version, and the one in force from now on. Raises `NotUsable`."""
    found = problems(spec)
    if found:
        raise NotUsable(found)
    with transaction.atomic():
        locked = Connection.objects.select_for_update().get(pk=connection.pk)
        latest = Mapping.objects.filter(connection=locked).order_by("-version").first()
        Mapping.objects.filter(connection=locked, active=True).update(active=False)
        write_points(connection=locked, spec=spec, actor=actor)
        mapping = Mapping.objects.create(
            connection=locked,
            version=latest.version + 1 if latest else 1,
            header=list(header),
            spec=spec.to_json(),
            note=note,
            created_by=actor,
        )
        summary = {"version": mapping.version, "columns": len(spec.targets())}
        record(actor=actor, verb="mapping.saved", target=connection.slug, summary=summary)
    return mapping


def restore_mapping(*, connection: Connection, version: int, actor: User | None) -> Mapping:
    """An earlier version as the newest one: history is added to, not rewound."""
    old = Mapping.objects.get(connection=connection, version=version)
    note = _("as version %(version)d") % {"version": version}
    return save_mapping(connection=connection, spec=old.read(), header=old.header, actor=actor, note=note)


def vouched(spec: Spec, *, by: str, at: str, columns: Sequence[int]) -> Spec:
    """The mapping with `by` named as the one who checked the questions of these columns."""
    marked = list(spec.columns)
    for place in columns:
        consent = marked[place].consent
        if consent is not None:
            marked[place] = replace(marked[place], consent=replace(consent, verified_by=by, verified_at=at))
    return replace(spec, columns=tuple(marked))
