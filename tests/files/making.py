"""Connections, files and runs for the tests of files."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from integrations import connecting, runs
from integrations.files.uploading import receive
from integrations.models import Connection, Run, Trigger


def connection_of(place: str, *, secrets: dict[str, Any] | None = None, **config: Any) -> Connection:
    source = connecting.source_for(name="Billetter", kind="ticketing", country="NO")
    return connecting.create(
        actor=None, connector="file", name="Billetter", source=source,
        config={"place": place, **config}, secrets=secrets,
    )  # fmt: skip


def finished(run: Run) -> Run:
    """Does the run's work here and now, unit by unit."""
    for _ in range(50):
        if not runs.advance(run.pk).more:
            break
    return Run.objects.get(pk=run.pk)


def imported(connection: Connection, name: str, content: bytes) -> Run:
    file = receive(connection=connection, name=name, stream=BytesIO(content), actor=None)
    return finished(runs.start(connection=connection, trigger=Trigger.MANUAL, options={"file": file.pk}))
