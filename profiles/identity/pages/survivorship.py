"""Settings: which value counts where sources differ. A change is tried over the history, then applied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from organisations.access import Can, Request, requires
from profiles import looks
from profiles.identity import starting, survivorship, survivorship_trial, taking_back, units
from profiles.identity.acting import NotPossible
from profiles.identity.survivorship import UnitExplained, Value
from profiles.identity.units import UNITS, Rule, Rules, Strategy, Unit
from profiles.models import IdentityAct, Profile, RuleTrial, Source, SourceRecord

MOST_SOURCES = 12
"""So many places a unit's own order of sources has on the page, or as many as there are sources."""


@dataclass(frozen=True, slots=True)
class Place:
    """One choice of the form, and what is chosen."""

    name: str
    number: int
    chosen: str | int


@dataclass(frozen=True, slots=True)
class Shown:
    """A unit's rule as the page shows it. `words` are the strategies in order, `sources` names."""

    unit: Unit
    words: list[Any]
    sources: list[str]
    is_default: bool
    strategy_places: list[Place]
    source_places: list[Place]


@require_GET
@never_cache
@requires(Can.MANAGE_IDENTITY)
def rules(request: Request) -> HttpResponse:
    """All units with their rules, as a form. `trial` in the address fills in what was tried."""
    wanted = _trial_of(request.GET.get("trial", ""))
    in_force = units.rules()
    names = _names()
    context = {
        "units": [_shown(rule, names) for rule in (wanted or in_force).values()],
        "strategies": Strategy.choices,
        "sources": list(names.items()),
        "newest": _trials().exclude(act=None).first(),
        "open": _open(in_force),
    }
    return render(request, "identity/survivorship.html", context)


def _trials() -> Any:
    return RuleTrial.objects.filter(rules=RuleTrial.Rules.SURVIVORSHIP).order_by("-pk")


def _open(in_force: Rules) -> RuleTrial | None:
    """The newest trial, if it can still be applied."""
    found: RuleTrial | None = _trials().first()
    can_be = found and found.state == RuleTrial.State.TRIED and found.before == units.as_json(in_force)
    return found if can_be else None


def _trial_of(pk: str) -> Rules | None:
    found = _trials().filter(pk=int(pk)).first() if pk.isdecimal() else None
    return units.of_json(found.wanted) if found else None


def _names() -> dict[int, str]:
    """Source names by id, in the order of general trust."""
    return dict(Source.objects.order_by("trust", "name").values_list("pk", "name"))


def _shown(rule: Rule, names: Mapping[int, str]) -> Shown:
    known = [source for source in rule.sources if source in names]
    strategies = [*rule.strategies, *[""] * (len(Strategy) - len(rule.strategies))]
    room = min(len(names), MOST_SOURCES)
    sources: list[int | str] = [*known, *[""] * max(0, room - len(known))]
    return Shown(
        UNITS[rule.unit],
        [Strategy(strategy).label for strategy in rule.strategies],
        [names[source] for source in known],
        rule == Rule(rule.unit),
        [Place(f"{rule.unit}-strategy-{n}", n, chosen) for n, chosen in enumerate(strategies, 1)],
        [Place(f"{rule.unit}-source-{n}", n, chosen) for n, chosen in enumerate(sources, 1)],
    )


@require_POST
@requires(Can.MANAGE_IDENTITY)
def try_out(request: Request) -> HttpResponse:
    """Begins to look at what the rules on the form would change."""
    try:
        trial = survivorship_trial.begin_trial(_wanted(request.POST), actor=request.user.email)
    except NotPossible as problem:
        messages.info(request, str(problem))
        return redirect("identity:survivorship")
    starting.go_on(trial)
    return redirect("identity:survivorship_trial", trial.pk)


def _wanted(given: Mapping[str, str]) -> dict[str, Rule]:
    """The rules on a form: what is chosen twice counts where it stands first."""
    known = {str(pk): pk for pk in _names()}
    found = {}
    for key in UNITS:
        strategies = [given.get(f"{key}-strategy-{n}", "") for n in range(1, len(Strategy) + 1)]
        sources = [known.get(given.get(f"{key}-source-{n}", "")) for n in range(1, MOST_SOURCES + 1)]
        found[key] = Rule(
            key,
            tuple(dict.fromkeys(each for each in strategies if each in Strategy.values)),
            tuple(dict.fromkeys(each for each in sources if each is not None)),
        )
    return found


@require_GET
@never_cache
@requires(Can.MANAGE_IDENTITY)
def trial(request: Request, pk: int) -> HttpResponse:
    """What the change would do, or how far applying it has come; htmx gets that part alone."""
    found = get_object_or_404(_trials(), pk=pk)
    rows = _examples(found) if found.state == RuleTrial.State.TRIED else []
    if rows:
        looks.looked(request, [row.person.pk for row in rows], "survivorship trial")
    counts = found.report.get("units", {})
    context = {
        "trial": found,
        "is_going_on": found.state in (RuleTrial.State.TRYING, RuleTrial.State.APPLYING),
        "changes": _changes(found),
        "counts": [(UNITS[key].label, counts[key]) for key in UNITS if key in counts],
        "examples": rows,
        "all_changes": sum(counts.values()),
        "can_be_undone": found.act_id
        and found.act.kind == IdentityAct.Kind.RULES
        and taking_back.is_in_force(found.act),
    }
    is_part = request.headers.get("HX-Target") == "trial"
    return render(request, "identity/_trial.html" if is_part else "identity/trial.html", context)


@dataclass(frozen=True, slots=True)
class Change:
    """One unit's rule as it was when the trial began, and as it would be."""

    before: Shown
    after: Shown


def _changes(found: RuleTrial) -> list[Change]:
    before, wanted, names = units.of_json(found.before), units.of_json(found.wanted), _names()
    return [
        Change(_shown(before[key], names), _shown(wanted[key], names))
        for key in UNITS
        if before[key] != wanted[key]
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """An example: what the person page shows now, and what it would show, and why."""

    person: Profile
    unit: Unit
    before: str
    after: Value
    because: str


def _examples(found: RuleTrial) -> list[Row]:
    """Read anew each time, so that nobody's values are kept in a trial."""
    drawn = survivorship_trial.examples(found)
    people = Profile.objects.in_bulk({each.profile for each in drawn})
    records: dict[int, list[SourceRecord]] = defaultdict(list)
    for record in SourceRecord.objects.filter(profile__in=people).select_related("source"):
        records[record.profile_id].append(record)
    foreseen = survivorship.foresee(records, units.of_json(found.wanted))
    rows = []
    for each in drawn:
        told = {e.unit: e for e in foreseen.get(each.profile, [])}.get(each.unit)
        if told and told.winner:
            rows.append(_row(people[each.profile], UNITS[each.unit], told, told.winner))
    return [row for row in rows if row.before != row.after.text]


def _row(person: Profile, unit: Unit, told: UnitExplained, winner: Value) -> Row:
    now = survivorship.text_of(tuple(getattr(person, field) for field in unit.fields))
    return Row(person, unit, now, winner, told.sentence)


@require_POST
@requires(Can.MANAGE_IDENTITY)
def apply(request: Request, pk: int) -> HttpResponse:
    """Puts the tried rules in force."""
    found = get_object_or_404(_trials(), pk=pk)
    try:
        survivorship_trial.apply(found, actor=request.user)
    except NotPossible as problem:
        messages.error(request, str(problem))
        return redirect("identity:survivorship")
    found.refresh_from_db()
    starting.go_on(found)
    messages.success(request, _("The new rules count from now on."))
    return redirect("identity:survivorship_trial", pk)


@require_POST
@requires(Can.MANAGE_IDENTITY)
def undo(request: Request, pk: int) -> HttpResponse:
    """Brings the former rules back, and computes everybody anew."""
    found = get_object_or_404(_trials().select_related("act"), pk=pk)
    if found.act is None:
        raise Http404
    try:
        taking_back.undo(act=found.act, actor=request.user.email)
    except NotPossible as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("The former rules count again."))
    return redirect("identity:survivorship")
