"""Connections, files and runs for the tests of files."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from integrations import connecting, runs
from integrations.files.spec import Column, Spec
from integrations.files.uploading import receive
from integrations.models import Connection, Run, Trigger

HEADER = ("Ordrenr", "Billettnr", "Kjøpt", "Pris", "E-post")
SPEC = Spec(
    tuple(
        Column(name, 1, target, dates="dmy", decimal=",")
        for name, target in zip(
            HEADER,
            ("order.number", "ticket.id", "order.date", "ticket.price", "buyer.email"),
            strict=True,
        )
    )
)


def table(*numbers: int) -> bytes:
    """A small export: one ticket for each number, each of another buyer."""
    rows = [f"{n};t{n};22.11.2026 19:30;250,00;kari{n}@example.no" for n in numbers]
    return ("\r\n".join([";".join(HEADER), *rows]) + "\r\n").encode()


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
