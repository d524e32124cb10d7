"""The audit log: who did what, and who looked at whom."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Model, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from organisations.access import Can, Request, requires
from organisations.audit import labels, people
from organisations.audit.models import AccessEntry, AuditEntry
from organisations.forms import AuditFilter
from organisations.models import Membership

PAGE = 50
NAMED = 3
LONGEST_NUMBER = 18  # digits; an array of bigint takes no more
M = TypeVar("M", bound=Model)


@requires(Can.SEE_AUDIT)
def audit(request: Request) -> HttpResponse:
    form = _form(request)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = _between(AuditEntry.objects.all(), chosen, request.organisation.zone)
    if verb := chosen.get("verb"):
        found = found.filter(verb=verb)
    if person := chosen.get("person"):
        found = found.filter(actor_id=None if person == "system" else int(person))
    if target := chosen.get("q"):
        found = found.filter(target__icontains=target)
    page = _page(request, found)
    context = {"form": form, "page": page, "tab": "done"}
    return render(request, "organisations/audit.html", context)


@requires(Can.SEE_AUDIT)
def looks(request: Request) -> HttpResponse:
    form = _form(request)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = _between(AccessEntry.objects.all(), chosen, request.organisation.zone)
    if (person := chosen.get("person")) and person != "system":
        found = found.filter(user_id=int(person))
    profile = request.GET.get("profile", "")
    if profile.isdecimal() and len(profile) <= LONGEST_NUMBER:
        found = found.filter(profile_ids__contains=[int(profile)])
    page = _page(request, found)
    _name_people(page.rows)
    whom = people.name([int(profile)]).get(int(profile)) if profile.isdecimal() and page.rows else None
    context = {"form": form, "page": page, "tab": "looked", "profile": profile, "whom": whom}
    return render(request, "organisations/looks.html", context)


def _name_people(entries: list[AccessEntry]) -> None:
    """Gives each entry the first few people it showed, and how many more there were."""
    names = people.name({number for entry in entries for number in entry.profile_ids[:NAMED]})
    for entry in entries:
        numbers = entry.profile_ids[:NAMED]
        gone = [people.Shown(f"{_('No.')} {number}", "") for number in numbers if number not in names]
        entry.shown = [names[number] for number in numbers if number in names] + gone  # type: ignore[attr-defined]
        entry.more = len(entry.profile_ids) - len(numbers)  # type: ignore[attr-defined]


def _form(request: Request) -> AuditFilter:
    verbs = sorted(labels.all_labels().items(), key=lambda pair: str(pair[1]))
    return AuditFilter(request.GET, verbs=verbs, people=_people(request))


def _people(request: Request) -> list[tuple[str, str]]:
    """Today's members and those who left traces: the log outlives a membership."""
    traces = AuditEntry.objects.exclude(actor_id=None).order_by().values_list("actor_id", "actor_label")
    names = dict(traces.distinct())
    members = Membership.objects.filter(organisation=request.organisation).select_related("user")
    names |= {member.user_id: str(member.user) for member in members}
    ordered = sorted(names.items(), key=lambda pair: pair[1].casefold())
    return [("system", "Foyer"), *((str(number), name) for number, name in ordered)]


def _between(found: QuerySet[M], chosen: dict[str, Any], zone: ZoneInfo) -> QuerySet[M]:
    """Whole days, as the clocks of the organisation show them."""
    if since := chosen.get("since"):
        found = found.filter(at__gte=dt.datetime.combine(since, dt.time(), zone))
    if until := chosen.get("until"):
        found = found.filter(at__lt=dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), zone))
    return found


@dataclass(frozen=True, slots=True)
class Page:
    """Rows newest first; `older` and `newest` are query strings, empty where there is no such page."""

    rows: list[Any]
    older: str
    newest: str


def _page(request: Request, found: QuerySet[M]) -> Page:
    """By number, not by offset: a log grows at the front while somebody reads it."""
    before = request.GET.get("before", "")
    if before.isdecimal():
        found = found.filter(pk__lt=int(before))
    rows = list(found.order_by("-pk")[: PAGE + 1])
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    query: QueryDict = request.GET.copy()
    query.pop("before", None)
    newest = f"?{query.urlencode()}" if before else ""
    if more:
        query["before"] = str(rows[-1].pk)
    return Page(rows, f"?{query.urlencode()}" if more else "", newest)
