"""One pair of the merge queue: the two side by side, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from organisations.access import Can, Request, requires
from organisations.models import User
from profiles.identity import answers, comparing, preview, queue, wording
from profiles.identity.acting import NotPossible
from profiles.identity.consequences import Line, Section
from profiles.identity.pages.acts import called, may_take_back
from profiles.identity.pages.queue import address, chosen, is_sample, looked
from profiles.identity.preview import MergePreview, PersonShown
from profiles.models import IdentityAct, MatchPair

REVIEWING = "reviewing"
"""In the session: the pair on the screen, so that one that vanishes with an erased person is
told apart from one that never was this organisation's."""
LAST = "last_answer"
"""In the session: the pair answered last, for Undo."""

PAGE_KEYS = (
    ("m", _lazy("Merge")),
    ("n", _lazy("Not the same; then 1 to 5 for the reason")),
    ("s", _lazy("Skip")),
    ("u", _lazy("Undo the last answer")),
    ("⇧ 1", _lazy("Keep all of the left")),
    ("⇧ 2", _lazy("Keep all of the right")),
)


@require_GET
@never_cache
@requires(Can.MERGE_PEOPLE)
def pair(request: Request, pk: int) -> HttpResponse:
    """The two people; the reader holds the pair from now on."""
    found = _pair(pk)
    if found is None:
        return _vanished(request, pk)
    is_question = found.state == MatchPair.State.OPEN and queue.is_about_two(found)
    if not is_question or not queue.hold(pk, request.user.email):
        return _onward(request, request.GET, _why_not(found))
    try:
        foreseen = preview.preview_merge([found.profile_a, found.profile_b])
    except preview.Busy as busy:
        messages.warning(request, str(busy))
        return redirect(address("review", request.GET))
    _remember(request, REVIEWING, pk)
    looked(request, [found], "merge review")
    return render(request, "identity/review.html", _context(request, found, foreseen))


def _remember(request: Request, what: str, pk: int) -> None:
    """Ids are an organisation's own; a session goes with its owner from one to the other."""
    request.session[what] = [request.organisation.pk, pk]


def _remembered(request: Request, what: str) -> int | None:
    match request.session.get(what):
        case [request.organisation.pk, int(pk)]:
            return pk
    return None


def _pair(pk: int) -> MatchPair | None:
    people = ("record_a", "record_b", "profile_a", "profile_b")
    return MatchPair.objects.select_related(*people).filter(pk=pk).first()


def _context(request: Request, found: MatchPair, foreseen: MergePreview) -> dict[str, Any]:
    left, right = found.profile_a, found.profile_b
    people = {person.public_id: person for person in foreseen.before}
    sides = [people[person.public_id] for person in (left, right)]
    what = chosen(request.GET)
    before = answers.earlier(found)
    return {
        "pair": found,
        "people": (left, right),
        "compared": comparing.compare(left, right, foreseen.winners),
        "moves": comparing.moves(*sides),
        "permissions": _permissions(foreseen, sides),
        "sections": _sections(foreseen),
        "others": foreseen.others,
        "evidence": wording.evidence(found.evidence),
        "blocked": wording.BLOCKED_BY.get(found.blocked_by, ""),
        "blocked_help": wording.BLOCKED_HELP.get(found.blocked_by, ""),
        "lifted_help": wording.LIFTED_HELP,
        "earlier": before,
        "earlier_by": _name_of(before.by) if before else "",
        "shown": answers.shown(found),
        "waiting": queue.open_pairs(what).count(),
        "chosen": what,
        "sample": is_sample(request.GET),
        "not_the_same": wording.NOT_THE_SAME,
        "last": _remembered(request, LAST),
        "back": address("review", request.GET),
        "page_keys": PAGE_KEYS,
    }


PERMISSIONS = "permissions"
"""The consent room's part of a preview; it stands in the table, the others beside it."""


def _sections(foreseen: MergePreview) -> list[tuple[Section, list[Line]]]:
    """What other rooms say, without what stays as it is."""
    found = [(each, [line for line in each.lines if line.changes or line.note]) for each in foreseen.sections]
    return [(each, lines) for each, lines in found if lines and each.key != PERMISSIONS]


def _permissions(foreseen: MergePreview, sides: list[PersonShown]) -> list[dict[str, Any]]:
    """Every contact point with what the ledger answers now and will answer, and whose it is."""
    lines = [line for section in foreseen.sections if section.key == PERMISSIONS for line in section.lines]
    known = [set(person.identifiers) for person in sides]
    return [
        {
            "subject": subject,
            "has": [subject in values for values in known],
            "changes": any(line.changes and line.before for line in mine),
            "lines": [(line, _state(line.before), _state(line.after)) for line in mine],
        }
        for subject, mine in ((key, list(group)) for key, group in groupby(lines, lambda line: line.subject))
    ]


def _state(answer: str | Promise) -> str:
    """The badge of an answer; empty for what is no yes or no."""
    return {_("Yes"): "yes", _("No"): "no", _("Not known"): "unknown"}.get(str(answer), "")


# The answer


@require_POST
@requires(Can.MERGE_PEOPLE)
def answer(request: Request, pk: int) -> HttpResponse:
    """One person, not the same, or skipped; then the next pair."""
    found = _pair(pk)
    if found is None:
        return _vanished(request, pk)
    given = request.POST.get("answer", "")
    if given == "skip":
        queue.skip(pk, request.user.email)
        return redirect(address("review_next", request.POST))
    if given not in ("merge", "apart"):
        return redirect(address("review_pair", request.POST, pk))
    try:
        _merge(request, found) if given == "merge" else _apart(request, found)
    except answers.Changed as changed:
        messages.warning(
            request, _("One of the two has changed since you opened them, so nothing was done. Look again.")
        )
        return redirect(address("review_pair", request.POST, changed.pair.pk))
    except answers.Stale as stale:
        return _onward(request, request.POST, _why_not(stale.pair))
    except NotPossible as problem:
        return _onward(request, request.POST, str(problem))
    return _answered(request, found, merged=given == "merge")


def _merge(request: Request, found: MatchPair) -> IdentityAct:
    compared = comparing.compare(found.profile_a, found.profile_b, {})
    keep, usual = (_by_unit(request.POST, prefix) for prefix in ("keep-", "usual-"))
    return answers.merge(
        found.pk,
        actor=request.user.email,
        shown=request.POST.get("shown", ""),
        pins=comparing.pins(compared, keep, usual),
    )


def _by_unit(posted: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): side for name, side in posted.items() if name.startswith(prefix)}


def _apart(request: Request, found: MatchPair) -> IdentityAct:
    quick = request.POST.get("reason", "")
    own = request.POST.get("words", "").strip()
    return answers.apart(
        found.pk,
        actor=request.user.email,
        shown=request.POST.get("shown", ""),
        reason=quick if quick in dict(wording.NOT_THE_SAME) else own,
    )


def _answered(request: Request, found: MatchPair, *, merged: bool) -> HttpResponse:
    """The next pair, with a way back to this one."""
    names = {"one": called(found.profile_a), "two": called(found.profile_b)}
    text = (
        _("%(one)s and %(two)s are one person now.") if merged else _("%(one)s and %(two)s stay two people.")
    )
    _remember(request, LAST, found.pk)
    messages.success(
        request, text % names, extra_tags=f"undo={reverse('identity:review_undo', args=[found.pk])}"
    )
    return redirect(address("review_next", request.POST))


@require_POST
@requires(Can.MERGE_PEOPLE)
def undo(request: Request, pk: int) -> HttpResponse:
    """Takes the answer to a pair back, and shows the pair again."""
    found = _pair(pk)
    if found is None:
        raise Http404
    if found.act is None or found.state == MatchPair.State.OPEN:
        messages.info(request, _("That answer was taken back already."))
        return redirect("identity:review_pair", pk)
    if not may_take_back(request, found.act):
        raise PermissionDenied
    try:
        answers.undo(found.act, actor=request.user.email)
    except NotPossible as problem:
        messages.error(request, str(problem))
        return redirect("identity:review")
    request.session.pop(LAST, None)
    messages.success(request, _("Taken back. The two are as they were, and the question is open again."))
    return redirect("identity:review_pair", pk)


# Whose turn it is


@require_POST
@requires(Can.MERGE_PEOPLE)
def hold(request: Request, pk: int) -> HttpResponse:
    """The open page says every two minutes that somebody is still at it."""
    held = queue.hold(pk, request.user.email)
    found = _pair(pk)
    if found is None and _remembered(request, REVIEWING) != pk:
        raise Http404
    why = "" if held else _why_not(found) if found else _erased()
    context = {"pair_id": pk, "why": why, "next": reverse("identity:review_next")}
    return render(request, "identity/_review_hold.html", context)


@require_POST
@requires(Can.MERGE_PEOPLE)
def release(request: Request, pk: int) -> HttpResponse:
    """Stops reviewing: the pair goes back to the queue."""
    if not MatchPair.objects.filter(pk=pk).exists() and _remembered(request, REVIEWING) != pk:
        raise Http404
    queue.release(pk, request.user.email)
    return redirect(address("review", request.POST))


# Questions that are none any more


def _vanished(request: Request, pk: int) -> HttpResponse:
    if _remembered(request, REVIEWING) != pk:
        raise Http404
    query = request.POST if request.method == "POST" else request.GET
    return _onward(request, query, _erased())


def _erased() -> str:
    return _("One of the two was erased meanwhile. Nothing was done.")


def _onward(request: Request, query: Mapping[str, str], why: str) -> HttpResponse:
    messages.warning(request, why)
    return redirect(address("review_next", query))


def _why_not(found: MatchPair) -> str:
    """Why there is nothing to answer (any more)."""
    who = {"who": _name_of(found.decided_by)}
    if found.state == MatchPair.State.MERGED:
        return _("%(who)s has already merged these two.") % who
    if found.state == MatchPair.State.APART:
        return _("%(who)s has already said that these two are not the same.") % who
    if found.state == MatchPair.State.OPEN and queue.is_about_two(found):
        return _("%(who)s is looking at that pair just now. Here is another one.") % {
            "who": _name_of(found.claimed_by)
        }
    if found.record_a.profile_id == found.record_b.profile_id:
        return _("These two have become one person in another way meanwhile.")
    return _("These two are not what they were when the pair was found. Here is another one.")


def _name_of(email: str) -> str:
    user = User.objects.filter(email=email).first()
    return (user.get_full_name() or user.email) if user else email or _("A colleague")
