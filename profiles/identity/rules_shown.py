"""The exact rules in words and numbers, for the settings page and its dry run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from profiles.identity.rules import Block, KindRule, RuleSet, held, value_of
from profiles.models import Identifier, IdentifierBlock, IdentifierKind, Profile, RuleTrial, SourceRecord

MOST_VALUES = 50
"""So many held values are shown, those on most people first."""
MOST_BLOCKED = 20_000
"""So many blocked values are counted by what blocks them."""

FIELDS: Mapping[str, str | Promise] = {
    "priority": gettext_lazy("Strength"),
    "limit_per_person": gettext_lazy("Most per person"),
    "window_days": gettext_lazy("Within days"),
    "max_profiles": gettext_lazy("Held above"),
    "joins": gettext_lazy("Joins people"),
    "shared_joins": gettext_lazy("Shared ones join same names"),
}
"""What can be changed of a kind, as the page calls it."""


STANDARD: Mapping[str, str | Promise] = {
    "[0-]*": gettext_lazy("Nothing but zeros and dashes"),
    "-?1": gettext_lazy("A lone 1 or -1"),
    "(null|none|": gettext_lazy("Words for “nothing” and “nobody”"),
    "(test|noreply|": gettext_lazy("Mailboxes such as test@, noreply@, anonym@"),
    ".*@(example": gettext_lazy("Domains that nobody has mail at"),
    r"\+\d{1,3}(0+|": gettext_lazy("Phone numbers such as 00000000 and 12345678"),
}
"""What the patterns that come with Foyer are about, by how they begin."""


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A blocked value as people write it, `about` in words where it comes with Foyer. `count` is how
    many stored values it blocks now."""

    pk: int
    about: str
    value: str
    kind: str
    reason: str
    origin: str
    active: bool
    count: int


def blocks(wanted: RuleSet) -> dict[str, list[ShownBlock]]:
    """Blocked values by where they come from. `wanted` says which are on, and may hold new ones."""
    numbers = {(b.kind_id or "", b.pattern): b.pk for b in IdentifierBlock.objects.all()}
    labels = {kind.key: kind.label for kind in wanted.kinds}
    counts = _blocked_by(wanted)
    found: dict[str, list[ShownBlock]] = defaultdict(list)
    for block in wanted.blocks:
        found[block.origin].append(
            ShownBlock(
                numbers.get((block.kind, block.pattern), 0), _about(block), value_of(block.pattern),
                labels.get(block.kind, ""), block.reason, block.origin, block.active, counts[block],
            )
        )  # fmt: skip
    return dict(found)


def _about(block: Block) -> str:
    if block.origin != IdentifierBlock.Origin.STANDARD:
        return ""
    return next((str(said) for begins, said in STANDARD.items() if block.pattern.startswith(begins)), "")


def _blocked_by(wanted: RuleSet) -> dict[Block, int]:
    rows = Identifier.objects.filter(state=Identifier.State.BLOCKED).values_list("kind_id", "value")
    values = list(rows[:MOST_BLOCKED])
    counts = {}
    for block in wanted.blocks:
        alone = RuleSet(wanted.kinds, (block,)).blocking()
        counts[block] = sum(alone.blocked(kind, value) for kind, value in values)
    return counts


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A held or shared value, how many people are on it, and who said so ("": it happened by itself)."""

    pk: int
    value: str
    kind: str
    state: str
    people: int
    by: str
    reason: str


def values() -> list[ShownValue]:
    """The held and shared values that are on most people."""
    rows = held().annotate(people=Count("recordidentifier__record__profile", distinct=True))
    return [
        ShownValue(i.pk, i.value, i.kind.label, i.state, i.people, i.decided_by, i.state_reason)
        for i in rows.order_by("-people", "pk")[:MOST_VALUES]
    ]


def people_on(values: Iterable[ShownValue | Identifier]) -> list[int]:
    """Profiles on these values, for the access log."""
    records = SourceRecord.objects.filter(recordidentifier__identifier__in=[value.pk for value in values])
    return list(records.values_list("profile_id", flat=True).distinct()[:500])


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that would change. `before` is empty for what is new, `after` for what goes."""

    what: str
    before: str
    after: str


def differences(before: RuleSet, wanted: RuleSet) -> list[Difference]:
    """Everything that would change, in words."""
    return [*_kinds_changed(before, wanted), *_blocks_changed(before, wanted)]


def _kinds_changed(before: RuleSet, wanted: RuleSet) -> Iterable[Difference]:
    was, will = before.by_key(), wanted.by_key()
    for key in dict.fromkeys([*will, *was]):
        if key not in was or key not in will:
            label = (will.get(key) or was[key]).label
            yield Difference(label, "" if key in will else _("a kind"), _("a kind") if key in will else "")
            continue
        for name, said in FIELDS.items():
            one, two = getattr(was[key], name), getattr(will[key], name)
            if one != two:
                yield Difference(f"{will[key].label}: {said}", _said(one), _said(two))


def _said(value: bool | int | None) -> str:
    if value is None:
        return _("ever")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _blocks_changed(before: RuleSet, wanted: RuleSet) -> Iterable[Difference]:
    was = {(b.kind, b.pattern): b.active for b in before.blocks}
    will = {(b.kind, b.pattern): b.active for b in wanted.blocks}
    labels = {kind.key: kind.label for kind in wanted.kinds}
    for kind, pattern in dict.fromkeys([*will, *was]):
        one, two = was.get((kind, pattern), False), will.get((kind, pattern), False)
        if one != two:
            what = f"{labels.get(kind, _('Any kind'))} “{value_of(pattern)}”"
            yield Difference(what, _("blocked") if one else "", _("blocked") if two else "")


# --- what a trial found -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Merge:
    """Somebody who would be merged into somebody else, and the values that say so."""

    one: Profile
    two: Profile
    values: list[Identifier]


@dataclass(frozen=True, slots=True)
class Split:
    """Somebody from whom records would be taken."""

    one: Profile
    records: list[SourceRecord]


@dataclass(frozen=True, slots=True)
class Becoming:
    """What would become of values: how many, and some of them."""

    label: str | Promise
    count: int
    values: list[Identifier]


BECOMING: Mapping[str, str | Promise] = {
    "held": gettext_lazy("Held: on too many people"),
    "released": gettext_lazy("No longer held"),
    "blocked": gettext_lazy("Blocked"),
    "unblocked": gettext_lazy("No longer blocked"),
}


def examples(trial: RuleTrial) -> tuple[list[Merge], list[Split]]:
    """Read anew each time, so that nobody's values are kept in a trial; whoever is gone is left out."""
    merges, splits = trial.report.get("merges", []), trial.report.get("splits", [])
    ids = {each[name] for each in [*merges, *splits] for name in ("profile", "into") if name in each}
    people = Profile.objects.in_bulk(ids)
    shown = Identifier.objects.select_related("kind").in_bulk({i for m in merges for i in m["identifiers"]})
    away = SourceRecord.objects.select_related("source").in_bulk({r for s in splits for r in s["records"]})
    return (
        [
            Merge(people[m["profile"]], people[m["into"]], [shown[i] for i in m["identifiers"] if i in shown])
            for m in merges
            if m["profile"] in people and m["into"] in people
        ],
        [
            Split(people[s["profile"]], [away[r] for r in s["records"] if r in away])
            for s in splits
            if s["profile"] in people
        ],
    )


def becoming(trial: RuleTrial) -> list[Becoming]:
    """What would become of values, where anything would."""
    told: dict[str, Any] = trial.report.get("values", {})
    shown = Identifier.objects.select_related("kind").in_bulk(
        {pk for each in told.values() for pk in each["ids"]}
    )
    return [
        Becoming(BECOMING[name], each["count"], [shown[pk] for pk in each["ids"] if pk in shown])
        for name, each in told.items()
        if each["count"]
    ]


def role_label(kind: KindRule) -> str:
    """A role in words."""
    return str(IdentifierKind.Role(kind.role).label)
