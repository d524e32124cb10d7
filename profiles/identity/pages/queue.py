"""The merge queue's pages: the list, what the answers teach, thresholds, approving a band together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from organisations.access import Can, Request, requires
from profiles import looks, tasks
from profiles.apps import MATCH_PEOPLE
from profiles.identity import answers, approval, precision, queue, thresholds, wording
from profiles.identity.acting import NotPossible
from profiles.identity.precision import Band
from profiles.models import IdentityAct, MatchModel, MatchPair
from profiles.purposes import Purpose


def looked(request: Request, pairs: list[MatchPair], screen: str) -> None:
    """Who saw whom; the queue has one purpose, whatever else somebody came for."""
    people = [person for pair in pairs for person in (pair.profile_a_id, pair.profile_b_id)]
    looks.looked(request, people, screen, purpose=Purpose.QUALITY)


def chosen(query: Mapping[str, str]) -> queue.Chosen:
    """What somebody works through, from the address or a form. What is unknown counts as not chosen."""
    why = query.get("why", "")
    return queue.Chosen(
        order="value" if query.get("order") == "value" else "certainty",
        band=precision.band(query.get("band", "")),
        why=why if why == queue.NOTHING_AGAINST or (why and why in wording.BLOCKED_BY) else "",
    )


def is_sample(query: Mapping[str, str]) -> bool:
    return bool(query.get("sample")) and precision.band(query.get("band", "")) is not None


def address(name: str, query: Mapping[str, str], *args: Any) -> str:
    """A page of the queue, with what was chosen going along."""
    kept = {key: query[key] for key in ("order", "band", "why", "sample") if query.get(key)}
    return reverse(f"identity:{name}", args=args) + (f"?{urlencode(kept)}" if kept else "")


@require_GET
@never_cache
@requires(Can.MERGE_PEOPLE)
def review(request: Request) -> HttpResponse:
    """The queue; htmx gets the table alone."""
    what = chosen(request.GET)
    page = queue.list_pairs(what, request.GET.get("after", ""))
    looked(request, page.pairs, "merge queue")
    now = thresholds.thresholds()
    context: dict[str, Any] = {
        "page": page,
        "lines": [(pair, wording.two_reasons(pair.evidence)) for pair in page.pairs],
        "chosen": what,
        "narrowed": bool(what.band or what.why),
        "open": queue.open_count(),
        "thresholds": now,
        "longest": thresholds.most_open(),
        "match": _last_match(),
        "match_at": MATCH_PEOPLE.daily_at,
        "reasons": _reasons(),
        "blocked_by": wording.BLOCKED_BY,
        "bands": reversed(precision.BANDS),
        "start": address("review_next", request.GET),
    }
    if request.headers.get("HX-Target") == "queue":
        return render(request, "identity/_queue_rows.html", context)
    return render(request, "identity/queue.html", context | _learnt(now))


def _reasons() -> list[tuple[str, str, int]]:
    """Key in the address, words, and open pairs of every reason that there is."""
    return [
        (why or queue.NOTHING_AGAINST, str(wording.BLOCKED_BY.get(why, why)), n)
        for why, n in queue.reasons_open().items()
    ]


def _learnt(now: thresholds.Thresholds) -> dict[str, Any]:
    found = precision.precision()
    return {
        "measured": _by_band(found),
        "sample_size": approval.SAMPLE,
        "others": [
            (each, wording.why_not_automatic(each.rule, each.blocked_by))
            for each in found
            if not each.is_plain
        ],
        "answers": sum(each.measured.answered for each in found),
        "suggestions": precision.suggest_thresholds(now, found),
        "acts": list(_recent()[:RECENT]),
    }


def _by_band(found: list[precision.Precision]) -> list[tuple[Band, precision.Measured, int]]:
    """Bands that say something: what was answered, and how many pairs without a reason wait."""
    waiting = precision.waiting()
    bands = precision.by_band(found)
    return [
        (each, measured, waiting[each])
        for each, measured in bands.items()
        if measured.answered or waiting[each]
    ]


def _last_match() -> dict[str, Any]:
    """What the newest matching reported of itself (`nightly.MatchRun`); empty before the first."""
    newest = MatchModel.objects.defer("parameters").order_by("-pk").first()
    report: dict[str, Any] = newest.report if newest else {}
    return report | {"at": parse_datetime(report["began_at"])} if report.get("began_at") else {}


RECENT = 3
LONGEST = 100_000
"""A queue longer than this nobody will ever see the end of."""


def _recent() -> QuerySet[IdentityAct]:
    """What was approved together or changed from here, and can be taken back here."""
    kinds = (IdentityAct.Kind.BULK, IdentityAct.Kind.RULES)
    acts = IdentityAct.objects.filter(kind__in=kinds, undone_by=None)
    return acts.filter(evidence__has_any_keys=["band", "thresholds"]).order_by("-pk")


@require_GET
@never_cache
@requires(Can.MERGE_PEOPLE)
def next_pair(request: Request) -> HttpResponse:
    """Holds the next pair for the reader and shows it; back to the list where there is none."""
    what = chosen(request.GET)
    among = approval.of_sample(what.band) if what.band and is_sample(request.GET) else None
    pair = queue.next_pair(request.user.email, what, among)
    if pair:
        if request.user.email in pair.skipped_by:
            messages.info(request, _("You skipped this one before. It is among the last that are left."))
        return redirect(address("review_pair", request.GET, pair.pk))
    if what.band and among is not None:
        return redirect(address("review_band", {"band": what.band.key}))
    if queue.open_pairs(what).exists():
        messages.info(request, _("Colleagues are looking at all that is left. Look again in a few minutes."))
    else:
        messages.success(request, _("That was the last one. Nothing waits for an answer."))
    return redirect(address("review", request.GET))


@require_GET
@never_cache
@requires(Can.MERGE_PEOPLE)
def band(request: Request) -> HttpResponse:
    """A band's random sample, how right it was, and what approving the rest would do."""
    found = precision.band(request.GET.get("band", "")) or precision.BANDS[-1]
    sample = approval.sample(found)
    context = {
        "sample": sample,
        "good": approval.GOOD,
        "foreseen": approval.foresee(found),
        "running": _running(found),
        "start": f"{reverse('identity:review_next')}?{urlencode({'band': found.key, 'sample': 1})}",
    }
    name = (
        "identity/_band_running.html"
        if request.headers.get("HX-Target") == "running"
        else "identity/band.html"
    )
    return render(request, name, context)


def _running(found: Band) -> IdentityAct | None:
    """The newest approval of this band, while it goes on or as it ended."""
    acts = IdentityAct.objects.filter(kind=IdentityAct.Kind.BULK, evidence__band=[found.low, found.high])
    return acts.filter(undone_by=None).order_by("-pk").first()


@require_POST
@requires(Can.MANAGE_IDENTITY)
def approve(request: Request) -> HttpResponse:
    """Approves what remains of a band: at once, or in the background where it is much."""
    found = precision.band(request.POST.get("band", ""))
    if not found:
        return redirect("identity:review")
    here = address("review_band", request.POST)
    try:
        act = approval.approve_band(found, actor=request.user)
    except approval.NotReady:
        messages.warning(request, _("The sample is not answered yet, so nothing was approved."))
        return redirect(here)
    if act.evidence["pairs"] > approval.AT_ONCE:
        tasks.approve_band.delay_on_commit(act.pk)  # type: ignore[attr-defined]  # OrgTask has it
        return redirect(here)
    approval.run(act.pk)
    act.refresh_from_db()
    n = act.evidence["joined"]
    text = ngettext("%(n)d pair was merged.", "%(n)d pairs were merged.", n) % {"n": n}
    messages.success(request, text, extra_tags=f"undo={reverse('identity:review_take_back', args=[act.pk])}")
    return redirect(here)


@require_POST
@requires(Can.MANAGE_IDENTITY)
def change_thresholds(request: Request) -> HttpResponse:
    """Puts suggested or chosen thresholds in force from the next matching on."""
    try:
        wanted = thresholds.Thresholds(float(request.POST["automatic"]), float(request.POST["review"]))
        longest = min(max(1, int(request.POST["longest"])), LONGEST) if request.POST.get("longest") else None
        act = thresholds.change(wanted, actor=request.user, longest=longest)
    except (KeyError, ValueError):
        messages.error(
            request, _("The thresholds must lie between 0.5 and 1, and the first below the second.")
        )
    else:
        back = reverse("identity:review_take_back", args=[act.pk])
        messages.success(request, _("It counts from the next matching on."), extra_tags=f"undo={back}")
    return redirect("identity:review")


@require_POST
@requires(Can.MANAGE_IDENTITY)
def match_now(request: Request) -> HttpResponse:
    """Does not wait for the night."""
    tasks.match_people.delay_on_commit(request.user.pk)  # type: ignore[attr-defined]  # OrgTask has it
    messages.success(request, _("The matcher has begun. What it asks about will be here when it is done."))
    return redirect("identity:review")


@require_POST
@requires(Can.MANAGE_IDENTITY)
def take_back(request: Request, pk: int) -> HttpResponse:
    """Undoes an approval or a change of thresholds."""
    act = get_object_or_404(_recent(), pk=pk)
    try:
        answers.undo(act, actor=request.user.email)
    except NotPossible as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Taken back. Everything is as it was before."))
    return redirect("identity:review")
