"""Merging somebody with somebody else, taking somebody apart, taking either back: from the person page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from organisations.access import Can, Request, may, requires
from profiles import listing, looks, person_page
from profiles.identity import preview, verbs
from profiles.identity.newcomers import Side
from profiles.models import IdentityAct, Profile

FOUND = 7
"""People the search shows."""
MOST = 6
"""People merged at once from here; an upload takes more."""
EVERYBODYS = (
    IdentityAct.Kind.MERGE,
    IdentityAct.Kind.UNMERGE,
    IdentityAct.Kind.APART,
    IdentityAct.Kind.PIN,
)
"""Acts about single people: whoever may do them may take them back. Others are of who manages identity."""


def may_take_back(request: Request, act: IdentityAct) -> bool:
    """Taking back what was taken back does the act once more, so the first of the row counts."""
    while act.undoes:
        act = act.undoes
    return act.kind in EVERYBODYS or may(request, Can.MANAGE_IDENTITY)


def _looked(request: Request, people: Iterable[Profile], screen: str) -> None:
    looks.looked(request, [person.pk for person in people], screen)


def _person(public_id: UUID) -> Profile:
    found = person_page.resolved(public_id)
    if found is None:
        raise Http404
    return found


def called(person: Profile) -> str:
    """What somebody is called in a sentence."""
    return person.name or person.company or person.email or person.phone or _("somebody without a name")


# Merging


@never_cache
@requires(Can.MERGE_PEOPLE)
def merge(request: Request, public_id: UUID) -> HttpResponse:
    """GET: whom with, and what it would do. POST: looks somebody up by `q`, or merges those of `with`."""
    person = _person(public_id)
    others = _others(request, person)
    if request.method == "POST" and "q" not in request.POST:
        return _merge(request, person, others)
    context: dict[str, Any] = {"person": person, "others": others, "text": ""}
    if request.method == "POST":
        context |= _search(request, person, others)
    elif others:
        context |= _foreseen(lambda: preview.preview_merge([person, *others]))
    _looked(request, [person, *others], "merge preview" if others else "merge")
    return render(request, "identity/merge_people.html", context)


def _others(request: Request, person: Profile) -> list[Profile]:
    """Those named by `with`, in order, each once, who are not the person."""
    named = (request.POST if request.method == "POST" else request.GET).getlist("with")[:MOST]
    found: dict[int, Profile] = {}
    for text in named:
        try:
            other = _person(UUID(text))
        except ValueError:
            raise Http404 from None
        found[other.pk] = other
    found.pop(person.pk, None)
    return list(found.values())


def _search(request: Request, person: Profile, others: list[Profile]) -> dict[str, Any]:
    text = request.POST["q"].strip()[:200]
    if len(text) < 2:
        return {"text": text, "candidates": []}
    found = listing.people(text=text, choices=[], order="", after="", country=request.organisation.country)
    taken = {person.pk, *(other.pk for other in others)}
    candidates = [each for each in found.people if each.pk not in taken][:FOUND]
    _looked(request, candidates, "find")
    return {"text": text, "candidates": candidates, "searched": True}


def _foreseen(look: Any) -> dict[str, Any]:
    """The preview, or why there is none."""
    try:
        return {"preview": look()}
    except (verbs.NotPossible, preview.Busy) as problem:
        return {"problem": str(problem)}


def _merge(request: Request, person: Profile, others: list[Profile]) -> HttpResponse:
    reason = request.POST.get("reason", "").strip()
    try:
        act = verbs.merge(profiles=[person, *others], actor=request.user.email, reason=reason)
    except verbs.NotPossible as problem:
        messages.error(request, str(problem))
        return redirect("identity:merge", person.public_id)
    merged = _person(person.public_id)
    words = _("%(names)s are one person now.") % {"names": ", ".join(map(called, [person, *others]))}
    _done(request, act, words)
    return redirect("profiles:person", merged.public_id)


def _done(request: Request, act: IdentityAct, words: str) -> None:
    """A toast with a way back."""
    messages.success(request, words, extra_tags=f"undo={reverse('identity:undo', args=[act.pk])}")


# Taking apart


@never_cache
@requires(Can.MERGE_PEOPLE)
def apart(request: Request, public_id: UUID) -> HttpResponse:
    """GET: which records, and what it would do if those of `go` went. POST: takes them apart.

    `act` in the address chooses what that former merge had brought here.
    """
    person = _person(public_id)
    go = _chosen(request)
    answers = _answers(request)
    if request.method == "POST":
        done = _take_apart(request, person, go, answers)
        if done:
            return done
    _looked(request, [person], "take apart")
    before, _pk = preview.people_of(_records(person))[0]
    context: dict[str, Any] = {"person": person, "shown": before, "go": go, "answers": answers}
    if go:
        context |= _foreseen(lambda: preview.preview_unmerge(person, go, answers))
    return render(request, "identity/take_apart.html", context)


def _records(person: Profile) -> list[int]:
    found = list(person_page.records_of(person).values_list("pk", flat=True))
    if not found:
        raise Http404
    return found


def _chosen(request: Request) -> list[int]:
    given = request.POST if request.method == "POST" else request.GET
    if request.method == "GET" and given.get("act", "").isdecimal():
        act = get_object_or_404(IdentityAct, pk=int(given["act"]))
        return sorted(verbs.records_of_act(act))
    return sorted({int(text) for text in given.getlist("go") if text.isdecimal()})


def _answers(request: Request) -> dict[int, Side]:
    """What somebody said about records that could be either's: `answer-<record>` is stay or go."""
    given: Mapping[str, Any] = request.POST if request.method == "POST" else request.GET
    found: dict[int, Side] = {}
    for name, answer in given.items():
        record = name.removeprefix("answer-")
        if record != name and record.isdecimal() and answer in ("stay", "go"):
            found[int(record)] = answer
    return found


def _take_apart(
    request: Request, person: Profile, go: list[int], answers: dict[int, Side]
) -> HttpResponse | None:
    """None where something must be asked or said first."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, _("Say why they are not the same person: colleagues will want to know."))
        return None
    try:
        act = verbs.unmerge(
            profile=person, records=go, actor=request.user.email, reason=reason, answers=answers
        )
    except verbs.NotPossible as problem:
        messages.error(request, str(problem))
        return None
    _done(request, act, _("%(who)s was taken apart.") % {"who": called(person)})
    return redirect("profiles:person", person.public_id)


# Taking back


@require_POST
@requires(Can.MERGE_PEOPLE)
def undo(request: Request, pk: int) -> HttpResponse:
    """Takes an act back, and shows whom it was about."""
    act = get_object_or_404(IdentityAct, pk=pk)
    if not may_take_back(request, act):
        raise PermissionDenied
    try:
        done = verbs.undo(act=act, actor=request.user.email)
    except verbs.NotPossible as problem:
        messages.error(request, str(problem))
    else:
        _done(request, done, _("Taken back."))
    return _about(act)


def _about(act: IdentityAct) -> HttpResponse:
    """The page of the first person the act names; the list where it names nobody."""
    for text in act.evidence.get("people", ()):
        person = person_page.resolved(UUID(text))
        if person:
            return redirect("profiles:person", person.public_id)
    pages = {IdentityAct.Kind.UPLOAD: "identity:links", IdentityAct.Kind.IDENTIFIER: "identity:rules"}
    return redirect(pages.get(IdentityAct.Kind(act.kind), "profiles:people"))
