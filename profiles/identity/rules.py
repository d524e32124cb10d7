"""The exact rules as data: identifier kinds with their limits, and values that never mean a person.

Membership is what the rules make of what is stored, so no rule changes without everybody
being found anew: `save` does both in one transaction. Screens try a change first
(`dry_run`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cdp.lib import sql
from organisations.audit import verbs as audit
from organisations.models import User
from profiles.identity import batch, exact, taking_back
from profiles.identity.acting import NotPossible, begin, finish, settle_touched, turn
from profiles.ingest.clean import Kinds
from profiles.models import Identifier, IdentifierBlock, IdentifierKind, IdentityAct, RecordIdentifier

State = Identifier.State
Origin = IdentifierBlock.Origin


@dataclass(frozen=True, slots=True)
class KindRule:
    """How far one kind of identifier is trusted; the fields are IdentifierKind's."""

    key: str
    label: str
    role: str
    per_source: bool
    priority: int
    limit_per_person: int
    window_days: int | None
    max_profiles: int
    joins: bool
    shared_joins: bool

    def plain(self) -> exact.Kind:
        """As `exact.partition` reads it."""
        return exact.Kind(
            self.priority, self.limit_per_person, self.max_profiles, self.window_days, self.joins,
            self.shared_joins, self.role == IdentifierKind.Role.ANONYMOUS,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """A pattern over the whole value that never means a person; `kind` "" is every kind."""

    kind: str
    pattern: str
    reason: str = ""
    origin: str = Origin.PERSON.value
    active: bool = True


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All of an organisation's exact rules: kinds, strongest first, and blocks."""

    kinds: tuple[KindRule, ...]
    blocks: tuple[Block, ...]

    def as_json(self) -> dict[str, Any]:
        return {"kinds": [asdict(kind) for kind in self.kinds], "blocks": [asdict(b) for b in self.blocks]}

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Self:
        return cls(
            tuple(KindRule(**kind) for kind in told["kinds"]), tuple(Block(**b) for b in told["blocks"])
        )

    def by_key(self) -> dict[str, KindRule]:
        return {kind.key: kind for kind in self.kinds}

    def plain(self) -> dict[str, exact.Kind]:
        return {kind.key: kind.plain() for kind in self.kinds}

    def blocking(self) -> Kinds:
        """What tells a placeholder, here as at the way in (`ingest.clean`)."""
        return Kinds.of(
            {kind.key: kind.per_source for kind in self.kinds},
            [(block.kind or None, block.pattern) for block in self.blocks if block.active],
            {kind.key: kind.role for kind in self.kinds},
        )

    def with_kind(self, rule: KindRule) -> RuleSet:
        """With this rule for its kind, new or changed."""
        others = [kind for kind in self.kinds if kind.key != rule.key]
        return replace(self, kinds=tuple(sorted([*others, rule], key=lambda k: (k.priority, k.key))))

    def with_block(self, block: Block) -> RuleSet:
        """With this block, new or changed."""
        others = [b for b in self.blocks if (b.kind, b.pattern) != (block.kind, block.pattern)]
        return replace(self, blocks=_in_order([*others, block]))


def _in_order(blocks: Iterable[Block]) -> tuple[Block, ...]:
    return tuple(sorted(blocks, key=lambda b: (b.origin, b.kind, b.pattern)))


_KIND_FIELDS = [f.name for f in fields(KindRule)]


def load() -> RuleSet:
    """The rules in force."""
    kinds = IdentifierKind.objects.order_by("priority", "key").values(*_KIND_FIELDS)
    blocks = IdentifierBlock.objects.values_list("kind_id", "pattern", "reason", "origin", "active")
    return RuleSet(
        tuple(KindRule(**kind) for kind in kinds),
        _in_order(Block(kind or "", *facts) for kind, facts in ((row[0], row[1:]) for row in blocks)),
    )


def refuse_if_unusable(rules: RuleSet) -> None:
    """Errors: NotPossible, in words, where a rule cannot be meant."""
    for kind in rules.kinds:
        numbers = (kind.priority, kind.limit_per_person, kind.max_profiles, kind.window_days or 1)
        if not all(1 <= number <= 32_000 for number in numbers):
            raise NotPossible(_("%(kind)s: numbers are from 1 to 32,000.") % {"kind": kind.label})
    for block in rules.blocks:
        try:
            re.compile(block.pattern)
        except re.error:
            raise NotPossible(_("“%(value)s” is no pattern.") % {"value": block.pattern}) from None
        if not block.pattern or len(block.pattern) > 240 or "\x00" in block.pattern:
            raise NotPossible(_("A blocked value has from 1 to 240 characters."))


def pattern_of(value: str) -> str:
    """The pattern for what a person writes: the whole value, * standing for anything.

    What was found between two stars is not looked for again (atomic groups), so that a
    value full of stars takes no longer than one without.
    """
    first, *others = map(re.escape, re.split(r"\*+", value.strip().lower()))
    between = "".join(f"(?>.*?{part})" for part in others[:-1])
    return f"{first}{between}.*{others[-1]}" if others else first


_BETWEEN_STARS = re.compile(r"\(\?>\.\*\?((?:\\.|[^\\)])*)\)", re.DOTALL)


def value_of(pattern: str) -> str:
    """The other way round: what a person would have written, or the pattern itself."""
    starred = _BETWEEN_STARS.sub(r"*\1", pattern).replace(".*", "*")
    value = re.sub(r"\\(.)", r"\1", starred)
    return value if pattern_of(value) == pattern else pattern


# --- what a change of rules does to identifiers ---------------------------------


def judged_anew(before: RuleSet, after: RuleSet) -> dict[int, str]:
    """The states that identifiers would get, by id: blocked or no longer, and let go to be judged
    anew where their kind's limit changed. What a person decided is left alone."""
    return _blocked_anew(before, after) | _let_go(before, after)


def _blocked_anew(before: RuleSet, after: RuleSet) -> dict[int, str]:
    if not _blocks_differ(before, after):
        return {}
    was, will = before.blocking(), after.blocking()
    found = {}
    for pk, kind, value, state in _undecided():
        blocked = will.blocked(kind, value)
        if blocked and state != State.BLOCKED:
            found[pk] = State.BLOCKED.value
        elif not blocked and state == State.BLOCKED and was.blocked(kind, value):
            found[pk] = State.NORMAL.value
    return found


def _blocks_differ(before: RuleSet, after: RuleSet) -> bool:
    one, two = (
        {(b.kind, b.pattern) for b in rules.blocks if b.active} | {("", k.key) for k in rules.kinds}
        for rules in (before, after)
    )
    return one != two


def _undecided() -> Iterator[tuple[int, str, str, str]]:
    """(id, kind, value, state) of every identifier that no person has judged, a few at a time."""
    rows = Identifier.objects.filter(decided_by="").values_list("pk", "kind_id", "value", "state")
    yield from rows.iterator(chunk_size=20_000)


def _let_go(before: RuleSet, after: RuleSet) -> dict[int, str]:
    was = before.by_key()
    changed = [
        k.key
        for k in after.kinds
        if k.key in was and (k.max_profiles, k.joins) != (was[k.key].max_profiles, was[k.key].joins)
    ]
    rows = Identifier.objects.filter(kind__in=changed, state=State.HELD, decided_by="")
    return dict.fromkeys(rows.values_list("pk", flat=True), State.NORMAL.value)


# --- verbs ----------------------------------------------------------------------


def save(rules: RuleSet, *, actor: User | None, reason: str = "", trial: int | None = None) -> IdentityAct:
    """Puts rules in force and finds everybody anew, in one transaction. Taken back by `taking_back.undo`.

    Errors: NotPossible when a rule cannot be meant, or nothing would change.
    """
    refuse_if_unusable(rules)
    with turn():
        before = load()
        if rules == before:
            raise NotPossible(_("These are the rules that count already."))
        act = begin(
            IdentityAct.Kind.RULES,
            actor=actor.email if actor else "",
            reason=reason,
            identity={"before": before.as_json(), "after": rules.as_json(), "trial": trial},
        )
        moved = put_in_force(before, rules, act)
        audit.record(
            actor=actor,
            verb="identity.rules_changed",
            target=f"act {act.pk}",
            summary={"records": moved, **differences(before, rules)},
        )
    return act


def differences(before: RuleSet, after: RuleSet) -> dict[str, list[str] | int]:
    """What changed: the kinds by name, and how many blocked values, for those may be somebody's."""
    was = before.by_key()
    return {
        "kinds": [kind.key for kind in after.kinds if was.get(kind.key) != kind],
        "blocked": len({(b.kind, b.pattern) for b in set(before.blocks) ^ set(after.blocks)}),
    }


def put_in_force(before: RuleSet, rules: RuleSet, act: IdentityAct) -> int:
    """Writes rules and states and finds everybody anew. Inside `turn`. Returns how many records moved."""
    states = judged_anew(before, rules)
    _write(before, rules)
    _set_states(states)
    moved = batch.write(batch.look(), act)
    _touch(states)
    settle_touched()
    return moved


def _touch(identifiers: Collection[int]) -> None:
    """Whose value counts depends on the states of values, whether or not anybody moves."""
    sql.run("profiles/touch_showing", {"identifiers": list(identifiers)}).close()


def _write(before: RuleSet, rules: RuleSet) -> None:
    gone = before.by_key().keys() - rules.by_key().keys()
    if Identifier.objects.filter(kind__in=gone).exists():
        raise NotPossible(_("There are values of this kind by now, so it stays."))
    IdentifierKind.objects.filter(key__in=gone).delete()
    IdentifierKind.objects.bulk_create(
        [IdentifierKind(**asdict(kind)) for kind in rules.kinds],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=[name for name in _KIND_FIELDS if name != "key"],
    )
    wanted = {(b.kind, b.pattern): b for b in rules.blocks}
    there = {(row.kind_id or "", row.pattern): row for row in IdentifierBlock.objects.all()}
    IdentifierBlock.objects.filter(pk__in=[there[k].pk for k in there.keys() - wanted.keys()]).delete()
    for key, block in wanted.items():
        row = there.get(key) or IdentifierBlock(kind_id=block.kind or None, pattern=block.pattern)
        row.reason, row.origin, row.active = block.reason, block.origin, block.active
        row.save()


def _set_states(states: Mapping[int, str]) -> None:
    for state in (State.NORMAL, State.BLOCKED):
        ids = [pk for pk, wanted in states.items() if wanted == state]
        why = "placeholder" if state == State.BLOCKED else ""
        sql.run("profiles/identifiers_judge", {"ids": ids, "state": state.value, "reason": why}).close()


def judge_identifier(identifier: Identifier, state: str, *, actor: User, reason: str = "") -> IdentityAct:
    """A person's word about one value: shared by several people rightly, normal (let it join), or held.

    It outlasts every rule, until a person says otherwise. Everybody on it is found anew.
    Errors: NotPossible for another state.
    """
    if state not in (State.NORMAL, State.SHARED, State.HELD):
        raise NotPossible(_("A value can be shared, joining or held."))
    with turn():
        now = Identifier.objects.select_for_update().get(pk=identifier.pk)
        after = {"state": state, "decided_by": actor.email, "state_reason": reason[:240]}
        act = begin(
            IdentityAct.Kind.IDENTIFIER,
            actor=actor.email,
            reason=reason,
            identifier={"id": now.pk, "kind": now.kind_id, "before": _word_on(now), "after": after},
        )
        finish(act, _say(now.pk, after))
    return act


def _word_on(identifier: Identifier) -> dict[str, str]:
    return {name: getattr(identifier, name) for name in ("state", "decided_by", "state_reason")}


def _say(pk: int, word: Mapping[str, str]) -> Collection[int]:
    """Writes what is said of a value. Returns the records that show it."""
    Identifier.objects.filter(pk=pk).update(**word)
    _touch([pk])
    return list(RecordIdentifier.objects.filter(identifier=pk).values_list("record_id", flat=True))


def held() -> QuerySet[Identifier]:
    """Values that are held or shared: shown to people, so that they can say what they are."""
    return Identifier.objects.filter(state__in=[State.HELD, State.SHARED]).select_related("kind")


# --- taking back ----------------------------------------------------------------


def take_back(act: IdentityAct, done: IdentityAct) -> Iterable[int]:
    """The inverse of an act about rules or about a value (`taking_back.register`); of other acts nothing."""
    root, backwards = act, True
    while root.undoes:
        root, backwards = root.undoes, not backwards
    told = root.evidence.get("identity") or root.evidence.get("identifier")
    if not told:
        return []
    now, wanted = (told["after"], told["before"]) if backwards else (told["before"], told["after"])
    if "identifier" in root.evidence:
        return _take_back_word(told["id"], now, wanted, root)
    there = load()
    then, back = (_with_own(RuleSet.of_json(rules), there) for rules in (now, wanted))
    if there != then:
        raise taking_back.InTheWay(_later(root, "identity"))
    put_in_force(then, back, done)
    return []


def _with_own(rules: RuleSet, there: RuleSet) -> RuleSet:
    """With the house's own domains that were noted since: nobody decided those."""
    known = {(b.kind, b.pattern) for b in rules.blocks}
    for block in there.blocks:
        if block.origin == Origin.OWN and block.active and (block.kind, block.pattern) not in known:
            rules = rules.with_block(block)
    return rules


def _take_back_word(pk: int, now: Any, wanted: Any, root: IdentityAct) -> Collection[int]:
    there = _word_on(Identifier.objects.get(pk=pk))
    if there["decided_by"] != now["decided_by"] or (there["decided_by"] and there != now):
        raise taking_back.InTheWay(_later(root, "identifier").filter(evidence__identifier__id=pk))
    return _say(pk, wanted if wanted["decided_by"] else _undecided_again(pk, wanted))


def _undecided_again(pk: int, was: Mapping[str, str]) -> Mapping[str, str]:
    """What the rules in force make of a value that nobody has judged any more: they may have changed
    since. Whether too many are on it is found anew."""
    value = Identifier.objects.get(pk=pk)
    if load().blocking().blocked(value.kind_id, value.value):
        return (
            was
            if was["state"] == State.BLOCKED
            else {**was, "state": State.BLOCKED, "state_reason": "placeholder"}
        )
    return {**was, "state": State.NORMAL, "state_reason": ""}


def _later(act: IdentityAct, key: str) -> QuerySet[IdentityAct]:
    return IdentityAct.objects.filter(pk__gt=act.pk, evidence__has_key=key)
