"""Who was erased stays erased: hashed tombstones stop what later files bring again.

A tombstone is of a value alone, or narrow: of a value and a folded name, where somebody else
shows the value too and goes on coming in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from cdp.lib import sql
from cdp.lib.crypto import keyed_hash
from cdp.lib.tenancy import current_schema
from profiles.models import Tombstone

if TYPE_CHECKING:
    from profiles.ingest.staged import Chunk, Person

Value = tuple[str, str, str]
"""(kind, namespace, value) of an identifier, normalised."""

RECORD = "record"
"""Kind of the value that names a source's record itself: (RECORD, source's slug, external id)."""
ORDER = "order_number"
"""As an identifier's kind (`ingest.naming`): (ORDER, source's slug, order number)."""


def canonical(value: Value) -> Value:
    """The wider form used for suppression alone (CONSENT.md 2.9): "+tag" dropped, and
    dots too in addresses at gmail.com."""
    kind, namespace, text = value
    if kind != "email" or "@" not in text:
        return value
    local, _, domain = text.partition("@")
    local = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return kind, namespace, f"{local}@{domain}"


def digest(value: Value, name_key: str | None = None) -> bytes:
    """The tombstone's keyed hash (HMAC-SHA-256, 32 bytes, key outside the database).

    With `name_key` (a folded full name, which may be empty) it is the narrow one.
    """
    parts = canonical(value) if name_key is None else (*canonical(value), name_key)
    return keyed_hash(current_schema(), "\x1f".join(parts))


def bury(values: Iterable[Value], *, at: datetime, shared: Iterable[tuple[Value, str]] = ()) -> int:
    """Writes tombstones for a person's values, erased at `at` (aware); answers how many.

    `shared` are values that somebody else shows too, each with the name it was shown with.
    """
    digests = {digest(value) for value in values} | {digest(value, name) for value, name in shared}
    lay(dict.fromkeys(digests, at))
    return len(digests)


def lay(stones: Mapping[bytes, datetime]) -> None:
    """Writes tombstones by their digests; of two times of one the later stands."""
    known = Tombstone.objects.filter(digest__in=list(stones)).values_list("digest", "erased_at")
    newest = {bytes(key): at for key, at in known}
    Tombstone.objects.bulk_create(
        [Tombstone(digest=key, erased_at=max(at, newest.get(key, at))) for key, at in stones.items()],
        update_conflicts=True,
        unique_fields=["digest"],
        update_fields=["erased_at"],
    )


def found(digests: Iterable[bytes]) -> dict[bytes, datetime]:
    """Which of these have a tombstone, and since when."""
    stones = Tombstone.objects.filter(digest__in=list(set(digests))).values_list("digest", "erased_at")
    return {bytes(key): at for key, at in stones}


@dataclass(frozen=True, slots=True)
class Buried:
    """Whom of a chunk was erased, by external id, and when; and which orders.

    `back` are those whom a source or an own act has brought back since: they are
    known again, so that rows without a time of their own are about who they are now.
    """

    people: Mapping[str, datetime] = field(default_factory=dict)
    orders: frozenset[str] = frozenset()
    back: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.people or self.orders)

    def stops(self, external_id: str, at: datetime, *, told: bool, order: str = "") -> bool:
        """Whether what is said of this person must not come in.

        `told` is False where the row has no time of its own: such a row brings nobody back.
        An erased order stays out whatever became of it later.
        """
        erased_at = self.people.get(external_id)
        if erased_at is None:
            return False
        if order in self.orders:
            return True
        return at <= erased_at if told else external_id not in self.back


NOBODY = Buried()


def buried(chunk: Chunk, blocked: Callable[[str, str], bool], *, source_id: int, slug: str) -> Buried:
    """Whom of the chunk was erased.

    Whoever shows a buried identifier counts; a placeholder that many show (`blocked`)
    buries nobody. What is said of them up to then must not come in; what they did later
    may.
    """
    if not Tombstone.objects.exists():
        return NOBODY
    shown = {person.external_id: _shown(person, blocked, slug) for person in chunk.people.values()}
    numbers = {digest((ORDER, slug, number)): number for number in chunk.orders}
    stones = found({key for some in shown.values() for key in some} | set(numbers))
    people = {
        external_id: max(stones[key] for key in some if key in stones)
        for external_id, some in shown.items()
        if not stones.keys().isdisjoint(some)
    }
    orders = frozenset(number for key, number in numbers.items() if key in stones)
    return Buried(people, orders, _back(people, shown, stones, source_id))


_Digests = dict[bytes, tuple[Value, str | None]]


def _shown(person: Person, blocked: Callable[[str, str], bool], slug: str) -> _Digests:
    """Every digest that a person of the chunk may be known by, with what it is of."""
    values = [v for v in person.identifiers if not blocked(v[0], v[2])]
    values.append((RECORD, slug, person.external_id))
    wide: _Digests = {digest(value): (value, None) for value in values}
    return wide | {digest(value, person.name_key): (value, person.name_key) for value in values}


def _back(
    people: Mapping[str, datetime],
    shown: Mapping[str, _Digests],
    stones: Mapping[bytes, datetime],
    source_id: int,
) -> frozenset[str]:
    """Those of the erased who are somebody of this organisation again, by what tied them to their stone."""
    asked = [
        (external_id, *value, name)
        for external_id in people
        for key, (value, name) in shown[external_id].items()
        if key in stones and value[0] != RECORD
    ]
    columns: list[list[str | None]] = [list(column) for column in zip(*asked, strict=True)] or [[]] * 5
    names = ("external_ids", "kinds", "namespaces", "values", "names")
    params = dict(zip(names, columns, strict=True)) | {"source": source_id, "known": list(people)}
    return frozenset(row["external_id"] for row in sql.rows("profiles/erasure_back", params))
