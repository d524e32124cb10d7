"""Writes a new partition down: who moved where, what became of the ids, and the journal of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from django.db import connection
from psycopg.types.json import Jsonb

from cdp.lib import sql
from profiles.identity.exact import Demoted, Partition
from profiles.models import Decision, IdentityAct, MatchLink

EXACT, PERSON, PROBABLE = "exact", "person", "probable"


@dataclass(frozen=True, slots=True)
class Why:
    """What stands behind a change: a delivery, an actor, an act."""

    intake_id: int | None = None
    actor: str = ""
    act: IdentityAct | None = None


class Lives(Protocol):
    """Where a record is now, and the profile that it was born into."""

    @property
    def profile(self) -> int: ...
    @property
    def first_profile(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Move:
    """A record that goes from one profile to another."""

    record: int
    before: int
    after: int


def write(
    found: Partition,
    targets: Sequence[int],
    records: Mapping[int, Lives],
    born: Collection[int],
    why: Why,
) -> int:
    """Writes only what differs. Returns how many records moved that were somebody's before."""
    moves = [
        Move(record, records[record].profile, target)
        for group, target in zip(found.groups, targets, strict=True)
        for record in group
        if records[record].profile != target
    ]
    older = [move for move in moves if move.record not in born]
    with connection.cursor() as cursor:
        if found.held:
            sql.run("profiles/resolve_hold", {"identifiers": found.held}, cursor=cursor)
        if moves:
            _move(moves, set(born), older, cursor)
    if older:
        _journal(older, found, why)
        _repoint(found, targets, records)
    if found.demoted:
        _journal_demoted(found, targets, why)
    return len(older)


def _move(moves: list[Move], born: set[int], older: list[Move], cursor: Any) -> None:
    params = {
        "records": [m.record for m in moves],
        "profiles": [m.after for m in moves],
        "born": [m.record in born for m in moves],
    }
    sql.run("profiles/profiles_insert", {"profiles": sorted({m.after for m in moves})}, cursor=cursor)
    sql.run("profiles/resolve_move", params, cursor=cursor)
    touched = sorted({m.after for m in moves} | {m.before for m in older})
    sql.run("profiles/touch", {"profiles": touched}, cursor=cursor)


def _journal(moves: list[Move], found: Partition, why: Why) -> None:
    """Writes down who was merged into whom and who was split off, with the proof."""
    by_pair: dict[tuple[int, int], list[Move]] = defaultdict(list)
    for move in moves:
        by_pair[move.before, move.after].append(move)
    emptied = _emptied({before for before, _ in by_pair})
    weights = _weights(found)
    demoted = _by_record(found)
    tags = _tags({before: after for before, after in by_pair if before in emptied})
    decisions = []
    for (before, after), pair in by_pair.items():
        merged = before in emptied
        proof = _proof(
            [m.record for m in pair], found, weights, demoted, why, tags.get(before, []) if merged else []
        )
        kind = Decision.Kind.MERGE if merged else Decision.Kind.SPLIT
        decisions.append((kind, after if merged else before, before if merged else after, proof))
    _write_down(decisions, list(by_pair.values()), why)
    _retire({before: after for before, after in by_pair if before in emptied})
    _give_tags_back(by_pair)


_Told = tuple[str, int, int, dict[str, Any]]
"""A decision: its kind, the survivor, the retired, and what `_proof` says."""


def _write_down(decisions: Sequence[_Told], moves: Sequence[Sequence[Move]], why: Why) -> None:
    """Copies decisions and what each of them moved into the journal; a rebuilt table has many thousands."""
    act = why.act.pk if why.act else None
    with connection.cursor() as cursor:
        sql.run("profiles/decisions_number", {"how_many": len(decisions)}, cursor=cursor)
        ids = [number for (number,) in cursor.fetchall()]
        with cursor.copy(sql.statement("profiles/decisions_copy")) as copy:
            for number, (kind, survivor, retired, proof) in zip(ids, decisions, strict=True):
                copy.write_row(
                    (
                        number, str(kind), proof["rule"], why.actor, act, Jsonb(proof["evidence"]),
                        proof["weight"], proof["model_id"], survivor, retired, why.intake_id,
                    )
                )  # fmt: skip
        with cursor.copy(sql.statement("profiles/decision_moves_copy")) as copy:
            for number, pair in zip(ids, moves, strict=True):
                for move in pair:
                    copy.write_row((number, move.record, move.before, move.after))


def _by_record(found: Partition) -> dict[int, list[Demoted]]:
    """What limits set aside, by the records that it is about."""
    by_record: dict[int, list[Demoted]] = defaultdict(list)
    for demoted in found.demoted:
        by_record[demoted.a].append(demoted)
        by_record[demoted.b].append(demoted)
    return by_record


def _proof(
    records: Iterable[int],
    found: Partition,
    weights: Mapping[int, tuple[float, int | None]],
    by_record: Mapping[int, list[Demoted]],
    why: Why,
    tags: list[Any],
) -> dict[str, Any]:
    """What a decision rests on: the rule, and as evidence the identifiers, links and limits."""
    mine = set(records)
    identifiers = sorted({i for r in mine for i in found.proof.get(r, ())})
    links = sorted({i for r in mine for i in found.linked.get(r, ())})
    demoted = [_plain(d) for d in dict.fromkeys(d for r in sorted(mine) for d in by_record.get(r, ()))]
    evidence: dict[str, Any] = {"identifiers": identifiers}
    evidence |= {k: v for k, v in (("links", links), ("demoted", demoted), ("tags", tags)) if v}
    weight, model = max((weights[i] for i in links), default=(None, None), key=lambda each: each[0] or 0.0)
    by_person = why.act and why.act.kind not in (IdentityAct.Kind.MATCH, IdentityAct.Kind.RULES)
    rule = PERSON if by_person else EXACT if identifiers or not links else PROBABLE
    return {"rule": rule, "evidence": evidence, "weight": weight, "model_id": model}


def _plain(demoted: Demoted) -> dict[str, Any]:
    return {k: v for k, v in asdict(demoted).items() if k not in ("a", "b")} | {
        "records": [demoted.a, demoted.b]
    }


def _weights(found: Partition) -> dict[int, tuple[float, int | None]]:
    links = {link for mine in found.linked.values() for link in mine}
    if not links:
        return {}
    rows = MatchLink.objects.filter(pk__in=links).values_list("pk", "weight", "model_id")
    return {pk: (weight, model) for pk, weight, model in rows}


def _journal_demoted(found: Partition, targets: Sequence[int], why: Why) -> None:
    """Writes once what a limit kept apart: the two profiles and the identifier set aside."""
    home = {r: target for group, target in zip(found.groups, targets, strict=True) for r in group}
    wanted = {
        (min(home[d.a], home[d.b]), max(home[d.a], home[d.b]), d.identifier): d
        for d in found.demoted
        if home[d.a] != home[d.b]
    }
    if not wanted:
        return
    known = set(
        Decision.objects.filter(
            kind=Decision.Kind.DEMOTE,
            survivor__in={one for one, _two, _i in wanted},
            retired__in={two for _one, two, _i in wanted},
        ).values_list("survivor", "retired", "evidence__demoted__0__identifier")
    )
    told = [
        (Decision.Kind.DEMOTE, one, two, _exactly({"identifiers": [], "demoted": [_plain(demoted)]}))
        for (one, two, identifier), demoted in wanted.items()
        if (one, two, identifier) not in known
    ]
    _write_down(told, [()] * len(told), why)


def _exactly(evidence: dict[str, Any]) -> dict[str, Any]:
    return {"rule": EXACT, "evidence": evidence, "weight": None, "model_id": None}


def _emptied(profiles: set[int]) -> set[int]:
    with connection.cursor() as cursor:
        sql.run("profiles/resolve_emptied", {"profiles": list(profiles)}, cursor=cursor)
        return {profile for (profile,) in cursor.fetchall()}


def _repoint(found: Partition, targets: Sequence[int], records: Mapping[int, Lives]) -> None:
    """Where a merge was taken apart, ids merged away before it point at whoever has their records now."""
    homes: dict[int, Counter[int]] = defaultdict(Counter)
    for group, target in zip(found.groups, targets, strict=True):
        for record in group:
            homes[records[record].first_profile][target] += 1
    params = {
        "merged": list(homes),
        "survivors": [min(where, key=lambda p: (-where[p], p)) for where in homes.values()],
    }
    sql.run("profiles/resolve_repoint", params).close()


def _retire(pairs: Mapping[int, int]) -> None:
    """Merged-away profiles point at their survivor, for ever, and their own tags go along."""
    if pairs:
        params = {"retired": list(pairs), "survivors": list(pairs.values())}
        sql.run("profiles/resolve_retire", params).close()
        sql.run("profiles/resolve_tags", params).close()


def _tags(pairs: Mapping[int, int]) -> dict[int, list[Any]]:
    """The tags of staff and rules on profiles that go, as [tag, origin, since, what the survivor had]."""
    found: dict[int, list[Any]] = defaultdict(list)
    if pairs:
        params = {"retired": list(pairs), "survivors": list(pairs.values())}
        for row in sql.rows("profiles/resolve_tags_before", params):
            found[row["profile_id"]].append([row["tag_id"], row["origin"], row["since"], row["had"]])
    return found


def _give_tags_back(pairs: Collection[tuple[int, int]]) -> None:
    """A profile that gets its id back gets the tags back that went along when it was merged away."""
    params = {"before": [before for before, _ in pairs], "after": [after for _, after in pairs]}
    sql.run("profiles/resolve_tags_back", params).close()
