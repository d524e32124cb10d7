"""Settings: who is who. Rules are read, tried over the history, and applied; held values are judged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from organisations.access import Can, Request, requires
from profiles import looks
from profiles.identity import dry_run, rules_shown, starting, taking_back
from profiles.identity import rules as verbs
from profiles.identity.acting import NotPossible
from profiles.identity.rules import Block, KindRule, RuleSet
from profiles.models import Identifier, IdentifierBlock, IdentifierKind, RuleTrial

State = RuleTrial.State


@require_GET
@never_cache
@requires(Can.MANAGE_IDENTITY)
def rules(request: Request) -> HttpResponse:
    """The rules as a form, and the values people are asked about. `trial` fills in what was tried."""
    in_force = verbs.load()
    tried = _trial_of(request.GET.get("trial", ""))
    wanted = RuleSet.of_json(tried.wanted) if tried else in_force
    values = rules_shown.values()
    _looked(request, rules_shown.people_on(values), "identity rules")
    trials = _trials()
    newest = trials.exclude(act=None).first()
    last = trials.first()
    context = {
        "kinds": [(kind, rules_shown.role_label(kind)) for kind in wanted.kinds],
        "blocks": rules_shown.blocks(wanted),
        "values": values,
        "roles": IdentifierKind.Role.choices,
        "newest": newest,
        "open": last if last and last.state == State.TRIED and last.before == in_force.as_json() else None,
    }
    return render(request, "identity/rules.html", context)


def _trials() -> Any:
    return RuleTrial.objects.filter(rules=RuleTrial.Rules.IDENTITY).select_related("act").order_by("-pk")


def _trial_of(pk: str) -> RuleTrial | None:
    found: RuleTrial | None = _trials().filter(pk=int(pk)).first() if pk.isdecimal() else None
    return found


def _looked(request: Request, profiles: list[int], screen: str) -> None:
    if profiles:
        looks.looked(request, profiles, screen)


@require_POST
@requires(Can.MANAGE_IDENTITY)
def try_out(request: Request) -> HttpResponse:
    """Begins to look at what the rules on the form would change."""
    try:
        trial = dry_run.begin_trial(_wanted(request.POST, verbs.load()), actor=request.user.email)
    except NotPossible as problem:
        messages.info(request, str(problem))
        return redirect("identity:rules")
    starting.go_on_with_rules(trial)
    return redirect("identity:rules_trial", trial.pk)


def _wanted(given: QueryDict, now: RuleSet) -> RuleSet:
    """The rules on a form. Errors: NotPossible where a number is none."""
    on = {int(pk) for pk in given.getlist("block") if pk.isdecimal()}
    rows = {(b.kind_id or "", b.pattern): b.pk for b in IdentifierBlock.objects.all()}
    wanted = RuleSet(
        tuple(_kind(given, kind) for kind in now.kinds),
        tuple(replace(b, active=rows.get((b.kind, b.pattern)) in on) for b in now.blocks),
    )
    wanted = replace(wanted, kinds=tuple(sorted(wanted.kinds, key=lambda k: (k.priority, k.key))))
    if value := given.get("new-value", "").strip():
        kind = given.get("new-kind", "")
        known = kind if kind in now.by_key() else ""
        wanted = wanted.with_block(
            Block(known, verbs.pattern_of(value), given.get("new-reason", "").strip()[:240])
        )
    return wanted


def _kind(given: Mapping[str, str], kind: KindRule) -> KindRule:
    if f"{kind.key}-priority" not in given:
        return kind
    return replace(
        kind,
        priority=_number(given, f"{kind.key}-priority"),
        limit_per_person=_number(given, f"{kind.key}-limit"),
        window_days=_number(given, f"{kind.key}-window") if given.get(f"{kind.key}-window") else None,
        max_profiles=_number(given, f"{kind.key}-max"),
        joins=f"{kind.key}-joins" in given,
        shared_joins=f"{kind.key}-shared" in given,
    )


def _number(given: Mapping[str, str], name: str) -> int:
    text = given.get(name, "").strip()
    if not re.fullmatch("[0-9]{1,5}", text):
        raise NotPossible(_("“%(value)s” is not a number.") % {"value": text})
    return int(text)


@require_GET
@never_cache
@requires(Can.MANAGE_IDENTITY)
def trial(request: Request, pk: int) -> HttpResponse:
    """What the change would do, or how far it has come; htmx gets that part alone."""
    found = get_object_or_404(_trials(), pk=pk)
    merges, splits = rules_shown.examples(found) if found.state == State.TRIED else ([], [])
    becoming = rules_shown.becoming(found)
    shown = {p.pk for m in merges for p in (m.one, m.two)} | {s.one.pk for s in splits}
    shown |= set(rules_shown.people_on(value for each in becoming for value in each.values))
    _looked(request, sorted(shown), "identity trial")
    context = {
        "trial": found,
        "is_going_on": found.state in (State.TRYING, State.APPLYING),
        "changes": rules_shown.differences(RuleSet.of_json(found.before), RuleSet.of_json(found.wanted)),
        "merges": merges,
        "splits": splits,
        "becoming": becoming,
        "can_be_undone": found.act and taking_back.is_in_force(found.act),
    }
    is_part = request.headers.get("HX-Target") == "trial"
    return render(request, "identity/_rules_trial.html" if is_part else "identity/rules_trial.html", context)


@require_POST
@requires(Can.MANAGE_IDENTITY)
def apply(request: Request, pk: int) -> HttpResponse:
    """Puts the tried rules in force, unless something has changed since."""
    found = get_object_or_404(_trials(), pk=pk)
    try:
        dry_run.apply(found, actor=request.user)
    except NotPossible as problem:
        messages.error(request, str(problem))
        return redirect("identity:rules")
    starting.go_on_with_rules(found)
    return redirect("identity:rules_trial", pk)


@require_POST
@requires(Can.MANAGE_IDENTITY)
def try_again(request: Request, pk: int) -> HttpResponse:
    """The same change, looked at by what is stored today."""
    found = get_object_or_404(_trials(), pk=pk)
    try:
        again = dry_run.begin_trial(RuleSet.of_json(found.wanted), actor=request.user.email)
    except NotPossible as problem:
        messages.info(request, str(problem))
        return redirect("identity:rules")
    starting.go_on_with_rules(again)
    return redirect("identity:rules_trial", again.pk)


@require_POST
@requires(Can.MANAGE_IDENTITY)
def undo(request: Request, pk: int) -> HttpResponse:
    """Brings the former rules back, and finds everybody anew."""
    found = get_object_or_404(_trials(), pk=pk)
    if found.act is None:
        raise Http404
    try:
        taking_back.undo(act=found.act, actor=request.user.email)
    except NotPossible as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("The former rules count again."))
    return redirect("identity:rules")


@require_POST
@requires(Can.MANAGE_IDENTITY)
def add_kind(request: Request) -> HttpResponse:
    """A kind of identifier of the organisation's own. Nobody shows one yet, so nobody is changed by it."""
    given, now = request.POST, verbs.load()
    key = re.sub("[^a-z0-9]+", "_", given.get("label", "").strip().lower()).strip("_")[:40]
    role = given.get("role", "")
    if not key or key in now.by_key() or role not in IdentifierKind.Role.values:
        messages.error(request, _("Give the kind a name that no other has."))
        return redirect("identity:rules")
    rule = KindRule(
        key, given["label"].strip()[:80], role, "per_source" in given, 60, 1 if role == "account_key" else 5,
        7 if role == "anonymous" else None, 10, True, False,
    )  # fmt: skip
    verbs.save(now.with_kind(rule), actor=request.user)
    messages.success(request, _("“%(kind)s” is a kind of identifier now.") % {"kind": rule.label})
    return redirect("identity:rules")


JUDGED: Mapping[str, str | Promise] = {
    "shared": gettext_lazy("The value is shared: it joins nobody."),
    "normal": gettext_lazy("The value joins people again."),
    "held": gettext_lazy("The value stays held, whatever the rules say."),
}


@require_POST
@requires(Can.MANAGE_IDENTITY)
def judge(request: Request, pk: int) -> HttpResponse:
    """A person's word about one value."""
    found = get_object_or_404(Identifier, pk=pk)
    state = request.POST.get("state", "")
    try:
        act = verbs.judge_identifier(found, state, actor=request.user, reason=request.POST.get("reason", ""))
    except NotPossible as problem:
        messages.error(request, str(problem))
    else:
        messages.success(
            request, str(JUDGED[state]), extra_tags=f"undo={reverse('identity:undo', args=[act.pk])}"
        )
    return redirect("identity:rules")
