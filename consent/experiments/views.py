"""Tests of forms: the list, a new one, and one with its results."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from consent.experiments import pages, planning, results, verbs, words
from consent.experiments.forms import PromoteForm, TestForm
from consent.models import ConsentForm, Experiment
from organisations.access import Can, Request, may, requires


@never_cache
@requires(Can.EDIT_FORMS)
def listed(request: Request) -> HttpResponse:
    """Running tests first, each with its verdict in one sentence."""
    tests = Experiment.objects.select_related("form").order_by("-created_at")
    order = ["running", "draft", "stopped", "promoted"]
    rows = [pages.line(test) for test in sorted(tests, key=lambda test: order.index(test.state))]
    return render(request, "experiments/list.html", {"rows": rows})


@never_cache
@requires(Can.EDIT_FORMS)
def choose(request: Request) -> HttpResponse:
    """Which form is to be tested."""
    live = ConsentForm.objects.filter(state=ConsentForm.State.LIVE)
    return render(request, "experiments/choose.html", {"forms": [pages.candidate(form) for form in live]})


@never_cache
@requires(Can.EDIT_FORMS)
def new(request: Request, key: str) -> HttpResponse:
    """A test of one form, and how long it would take; htmx asks for the latter alone."""
    form = get_object_or_404(ConsentForm, key=key, state=ConsentForm.State.LIVE)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "experiments/_length.html", {"length": pages.length_of(form, request.GET)})
    asked = TestForm.of(form, request.POST or None)
    if request.method == "POST" and asked.is_valid():
        try:
            test = verbs.draft(actor=request.user, form=form, **asked.facts())
        except verbs.Refused as refused:
            asked.add_error(None, str(refused))
        else:
            return redirect("experiments:one", test.pk)
    given = request.POST or {"share": str(asked.initial["share"]), "lift": asked.initial["lift"]}
    context = {"form": asked, "of": form, "length": pages.length_of(form, given)}
    return render(request, "experiments/new.html", context)


@never_cache
@requires(Can.EDIT_FORMS)
def one(request: Request, pk: int) -> HttpResponse:
    """The verdict first, then why, then what is not known yet."""
    test = _test(pk)
    if test.state == Experiment.State.DRAFT:
        return render(request, "experiments/draft.html", pages.draft(test))
    shown = results.look(test)
    context = pages.shown(shown) | {
        "unknowns": planning.unknowns(shown),
        "told": words.verdict(shown),
        "is_won": shown.verdict is results.Verdict.WORSE,
        "may_override": may(request, Can.MANAGE_PERMISSIONS),
    }
    return render(request, "experiments/one.html", context)


@require_POST
@requires(Can.EDIT_FORMS)
def start(request: Request, pk: int) -> HttpResponse:
    """Refused with what the linter says, which the page shows."""
    return _do(request, pk, verbs.start, _("The test runs. Everybody sees one of its variants now."))


@require_POST
@requires(Can.EDIT_FORMS)
def stop(request: Request, pk: int) -> HttpResponse:
    return _do(request, pk, verbs.stop, _("The test is stopped. Everybody sees the live version again."))


@require_POST
@requires(Can.EDIT_FORMS)
def discard(request: Request, pk: int) -> HttpResponse:
    return _do(request, pk, verbs.discard, _("The test is discarded."), to="experiments:list")


def _do(request: Request, pk: int, verb: Any, told: str, to: str = "experiments:one") -> HttpResponse:
    test = _test(pk)
    try:
        verb(actor=request.user, test=test)
    except verbs.Refused as refused:
        messages.error(request, str(refused))
        return redirect("experiments:one", pk)
    messages.success(request, told)
    return redirect(to, pk) if to == "experiments:one" else redirect(to)


@require_POST
@requires(Can.EDIT_FORMS)
def promote(request: Request, pk: int) -> HttpResponse:
    """Publishes the winner; what speaks against it needs the privacy lead's reason."""
    test, form = _test(pk), PromoteForm(request.POST)
    keys = {variant.key for variant in test.variants.all()}
    if not form.is_valid() or form.cleaned_data["variant"] not in keys:
        messages.error(request, _("Choose one of the variants."))
        return redirect("experiments:one", pk)
    key, reason = form.cleaned_data["variant"], form.cleaned_data["reason"]
    allowed = may(request, Can.MANAGE_PERMISSIONS)
    try:
        verbs.promote(actor=request.user, test=test, key=key, reason=reason, may_override=allowed)
    except verbs.Refused as refused:
        messages.error(request, str(refused))
    else:
        told = _("%(variant)s is the live version now.") % {"variant": words.letter(key)}
        messages.success(request, told)
    return redirect("experiments:one", pk)


def _test(pk: int) -> Experiment:
    return get_object_or_404(Experiment.objects.select_related("form"), pk=pk)
