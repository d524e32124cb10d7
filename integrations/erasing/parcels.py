"""Rows in parcels and uploads: the person's give way to an empty place, the others' stay.

A row that waits to be taken in then counts as erased, so every row of the delivery stays accounted for.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from integrations.erasing.sieve import Sieve
from integrations.models import Parcel, Run, Upload
from integrations.models.parcel import pack, unpack
from integrations.rawrows import erased_row
from organisations.personal_data import Subject
from profiles.ingest.turn import wait_for_turn

if TYPE_CHECKING:
    from integrations.connectors import Connector


def forget_parcels(subject: Subject) -> int:
    """Takes the person's rows out of every parcel that still has rows. Answers how many.

    Waits for whoever takes rows in: what they read before is stopped by the tombstones, and
    `forget_rows` takes it out of the parcel.
    """
    sieve = Sieve.of(subject)
    if not sieve:
        return 0
    wait_for_turn()
    full = Parcel.objects.filter(emptied_at=None).order_by("pk")
    return sum(_sift_parcel(pk, sieve) for pk in list(full.values_list("pk", flat=True)))


def forget_uploads(subject: Subject) -> int:
    """The same for tables that somebody uploaded, also those that nobody has taken in yet."""
    sieve = Sieve.of(subject)
    gone = 0
    for pk in list(Upload.objects.filter(emptied_at=None).values_list("pk", flat=True)) if sieve else ():
        content = bytes(Upload.objects.values_list("content", flat=True).get(pk=pk))
        rows, found = _sifted(content, 1, sieve)
        if found:
            Upload.objects.filter(pk=pk).update(content=pack(rows))
        gone += found
    return gone


def forget_rows(run: Run, connector: Connector, numbers: Collection[int]) -> None:
    """Rows of a delivery that turned out to name somebody who was erased are not kept either."""
    if not numbers:
        return
    last = max(numbers)
    for parcel in run.parcels.filter(first_row__lte=last, emptied_at=None).only(
        "pk", "first_row", "row_count"
    ):
        inside = [n for n in numbers if parcel.first_row <= n < parcel.first_row + parcel.row_count]
        if inside:
            _empty_places(parcel.pk, parcel.first_row, inside)
    connector.named_erased(run, numbers)


def _empty_places(pk: int, first_row: int, numbers: Sequence[int]) -> None:
    rows = Parcel.objects.get(pk=pk).rows()
    for number in numbers:
        rows[number - first_row] = erased_row(number)
    Parcel.objects.filter(pk=pk).update(content=pack(rows))


def _sift_parcel(pk: int, sieve: Sieve) -> int:
    first_row, content = Parcel.objects.values_list("first_row", "content").get(pk=pk)
    rows, found = _sifted(bytes(content), first_row, sieve)
    if found:
        Parcel.objects.filter(pk=pk).update(content=pack(rows))
    return found


def _sifted(content: bytes, first_row: int, sieve: Sieve) -> tuple[list[Any], int]:
    """The rows with empty places for the person's, and how many those are."""
    if not content or not sieve.may_be_in(zlib.decompress(content)):
        return [], 0
    rows, found = unpack(content), 0
    for place, row in enumerate(rows):
        if sieve.finds(row):
            rows[place] = erased_row(first_row + place)
            found += 1
    return rows, found
