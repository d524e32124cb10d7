"""A month's file of an opt-out register: taken in, read by a worker, looked at, put in force.

Files have millions of lines, most of people who are no customers. Nothing of them is stored but a
keyed hash each; the file itself is sealed on its way to the worker and gone once it is read.
Memory stays flat: pieces, lines and rows go through one at a time.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import chain, islice
from typing import BinaryIO, cast

from django.db import connection, transaction
from django.db.models.functions import Now

from cdp.lib import clock, crypto, sql
from cdp.lib.tenancy import current_schema
from consent.models import RegisterFile, RegisterPart
from consent.models.keeping import OptOutRegister
from consent.registers import marks, parsing
from consent.registers.parsing import Layout, Line, NotARegister
from organisations.audit.verbs import record
from organisations.models import User

PIECE = 4 * 10**6
BATCH = 20_000
MOST_PROBLEMS = 100
FORGOTTEN = timedelta(days=2)
COUNTRY = {"reservasjon": "NO", "robinson": "DK"}
State = RegisterFile.State


class AlreadyThere(ValueError):
    """The same content was loaded before and is in force."""


def channel_of(register: str) -> str:
    return "phone" if register.endswith("_phone") else "post"


def receive(*, register: str, month: date, name: str, stream: BinaryIO, actor: User) -> RegisterFile:
    """Keeps the file in sealed pieces for a worker. Raises `AlreadyThere`, or ValueError for an empty one."""
    with transaction.atomic():
        file = RegisterFile.objects.create(
            register=register, month=month.replace(day=1), name=name[-160:], loaded_by=str(actor)
        )
        file.sha256, size = _keep(file, stream)
        if not size:
            raise ValueError("empty")
        if RegisterFile.objects.filter(register=register, sha256=file.sha256, state=State.IN_FORCE).exists():
            raise AlreadyThere
        file.save()
        summary = {"register": register, "month": str(file.month), "bytes": size}
        record(actor=actor, verb="register.uploaded", target=str(file), summary=summary)
    return file


def _keep(file: RegisterFile, stream: BinaryIO) -> tuple[str, int]:
    digest, size, schema = hashlib.sha256(), 0, current_schema()
    for number, piece in enumerate(iter(lambda: stream.read(PIECE), b"")):
        digest.update(piece)
        size += len(piece)
        sealed = crypto.seal_lasting(schema, f"register {file.pk}", zlib.compress(piece, level=1))
        RegisterPart.objects.create(file=file, number=number, content=sealed)
    return digest.hexdigest(), size


def read(file_id: int) -> RegisterFile:
    """Reads a file that waits, and says what is in it. One that waits no more is left as it is."""
    with transaction.atomic():
        file = RegisterFile.objects.select_for_update().get(pk=file_id)
        if file.state != State.READING:
            return file
        try:
            with transaction.atomic():
                _read(file)
            file.state = State.READ
        except NotARegister as error:
            file.state, file.error = State.FAILED, str(error)
        file.save()
        file.parts.all().delete()
    return file


def _read(file: RegisterFile) -> None:
    lines = _lines(file)
    head = list(islice(lines, parsing.SAMPLE))
    channel = channel_of(file.register)
    how = parsing.layout([line for _number, line in head], channel)
    rest = _after(chain(head, lines), how)
    country = COUNTRY[file.register.partition("_")[0]]
    sql.run("consent/register_stage").close()
    sql.run("consent/register_stage_clear").close()
    found = _counted(file, parsing.read(rest, how, channel=channel, country=country))
    # The next piece is fetched between two COPYs, never within one: they share the connection.
    while batch := [marks.digest(line.key) for line in islice(found, BATCH)]:
        with connection.cursor() as cursor, cursor.copy("COPY consent_register_line FROM STDIN") as copy:
            for digest in batch:
                copy.write_row((digest,))
    sql.count("consent/register_store", {"file_id": file.pk})
    file.matched = marks.would_match(file)


def _after(lines: Iterable[tuple[int, str]], how: Layout) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in lines if number > how.first)


def _counted(file: RegisterFile, lines: Iterable[Line]) -> Iterator[Line]:
    """Those that name somebody; the others are counted on the way."""
    for line in lines:
        file.rows += 1
        if line.key:
            yield line
        elif line.other:
            file.others += 1
        else:
            file.unreadable += 1
            if len(file.problems) < MOST_PROBLEMS:
                file.problems.append({"line": line.number, "why": line.why})


def _lines(file: RegisterFile) -> Iterator[tuple[int, str]]:
    """(number from 1, text) of every line, one piece in memory at a time."""
    left, number, schema = b"", 0, current_schema()
    for part in file.parts.order_by("number").iterator(chunk_size=1):
        opened = crypto.unseal_lasting(schema, f"register {file.pk}", bytes(part.content))
        block = left + zlib.decompress(opened)
        *whole, left = block.split(b"\n")
        for line in whole:
            number += 1
            yield number, parsing.text(line)
    if left:
        yield number + 1, parsing.text(left)


def put_in_force(file: RegisterFile, *, actor: User) -> marks.Marked:
    """The new month takes the place of the old: its entries go, and own contact points are marked anew."""
    with transaction.atomic():
        found = RegisterFile.objects.select_for_update().get(pk=file.pk)
        if found.state != State.READ:
            raise ValueError("Only a file that was read, and is not in force yet.")
        before = RegisterFile.objects.filter(register=found.register, state=State.IN_FORCE)
        for old in before:
            old.state, old.replaced_at = State.REPLACED, clock.now()
            old.save()
            sql.count("consent/register_forget", {"file_id": old.pk})
        found.state = State.IN_FORCE
        found.save()
        done = marks.refresh()
        summary = {"register": found.register, "month": str(found.month), "rows": found.rows}
        summary |= {"marked": done.added, "freed": done.removed}
        record(actor=actor, verb="register.in_force", target=str(found), summary=summary)
    return done


def discard(file: RegisterFile, *, actor: User) -> None:
    """A file that is not in force after all: its entries go."""
    with transaction.atomic():
        found = RegisterFile.objects.select_for_update().get(pk=file.pk)
        if found.state not in (State.READ, State.READING, State.FAILED):
            raise ValueError("A file in force is replaced by the next one.")
        sql.count("consent/register_forget", {"file_id": found.pk})
        found.parts.all().delete()
        found.state = State.DISCARDED
        found.save()
        record(actor=actor, verb="register.discarded", target=str(found), summary={"month": str(found.month)})


def forget_pieces() -> int:
    """Pieces that no worker came for in two days; answers how many files could not be read."""
    stuck = RegisterFile.objects.filter(state=State.READING, loaded_at__lt=Now() - FORGOTTEN)
    RegisterPart.objects.filter(file__in=stuck).delete()
    return stuck.update(state=State.FAILED, error="No worker read it within two days. Upload it again.")


def registers() -> list[tuple[str, str]]:
    return [(str(key), str(label)) for key, label in cast("list[tuple[str, str]]", OptOutRegister.choices)]
