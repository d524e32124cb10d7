"""The first-run guide: what is done, what comes next, and whether this installation is well."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.models import CollectionPoint
from integrations.mailchimp.models import Plan
from integrations.models import Connection, Run, RunState
from organisations.access import Request
from organisations.models import Organisation
from profiles.models import Profile

Text = str | Promise


@dataclass(slots=True)
class Step:
    """One step of the guide. `url` leads to where it is done; `next` marks the first undone one."""

    title: Text
    text: Text
    done: bool
    action: Text = ""
    url: str = ""
    icon: str = ""
    removes_example: bool = False
    next: bool = False


def steps(request: Request) -> list[Step]:
    """Asked anew at every visit: leave and come back whenever you like."""
    found = [_account(request), _example(request), _source(), _question(), _plan()]
    if request.organisation.is_demo:
        found.append(_own(request))
    waiting = next((step for step in found if not step.done), None)
    if waiting:
        waiting.next = True
    return found


def _account(request: Request) -> Step:
    return Step(
        title=gettext_lazy("Make your account"),
        text=_("You are %(role)s of %(organisation)s.")
        % {"role": request.membership.get_role_display().lower(), "organisation": request.organisation},
        done=True,
    )


def _example(request: Request) -> Step:
    """In an example organisation: how to be rid of it. Elsewhere: where to find one."""
    title = gettext_lazy("Look around with example data")
    if request.organisation.is_demo:
        text = _(
            "%(count)d invented people are in here. Remove them with one click when you have seen enough."
        )
        people = Profile.objects.filter(is_visitor=False).count()
        return Step(title, text % {"count": people}, done=True, removes_example=True)
    example = Organisation.objects.of(request.user).filter(is_demo=True).first()
    if example is None:
        return Step(title, gettext_lazy("The example organisation has been removed."), done=True)
    text = _("%(name)s is full of invented people. Nothing you do there reaches anybody.")
    return Step(
        title,
        text % {"name": example},
        done=True,
        action=gettext_lazy("Change organisation"),
        url=reverse("organisation"),
        icon="building-2",
    )


def _own(request: Request) -> Step:
    """Where somebody who has looked around goes next."""
    step = Step(gettext_lazy("Begin with your own organisation"), "", done=False)
    own = Organisation.objects.of(request.user).filter(is_demo=False).first()
    if own is not None:
        step.text = _("%(name)s is yours. Its own first steps wait there.") % {"name": own}
        step.action, step.url, step.icon = _("Change organisation"), reverse("organisation"), "building-2"
        step.done = True
    elif request.user.is_operator:
        step.text = _(
            "The steps above are done here with invented people. Yours begins empty, apart from this."
        )
        step.action, step.url, step.icon = _("New organisation"), reverse("organisation_new"), "plus"
    else:
        step.text = _("Ask the operator of this installation to make it.")
    return step


def _source() -> Step:
    done = Run.objects.filter(state=RunState.DONE).exists()
    begun = Connection.objects.first()
    return Step(
        title=gettext_lazy("Connect your first source"),
        text=gettext_lazy("Upload a file, let Foyer fetch one every morning, or connect a ticket system."),
        done=done,
        action=gettext_lazy("Go on with it") if begun else gettext_lazy("Connect a system"),
        url=begun.get_absolute_url() if begun else reverse("integrations:connection_choose"),
        icon="plug",
    )


def _question() -> Step:
    return Step(
        title=gettext_lazy("Say what a yes means"),
        text=gettext_lazy(
            "Look at one box people tick: its words, what it allows, and whether an empty box is a no. "
            "Until somebody has, no import opens a permission."
        ),
        done=CollectionPoint.objects.verified().exists(),
        action=gettext_lazy("Permissions"),
        url="/settings/permissions/",
        icon="shield-check",
    )


def _plan() -> Step:
    return Step(
        title=gettext_lazy("Read your first plan"),
        text=gettext_lazy(
            "Who would be added, changed or left alone at Mailchimp, and why, before it happens."
        ),
        done=Plan.objects.exists(),
        action=gettext_lazy("Plans"),
        url="/plans/",
        icon="send",
    )


def installation() -> list[tuple[bool, Text]]:
    """(well, words) for the card beside the guide."""
    return list(_installation())


def _installation() -> Iterator[tuple[bool, Text]]:
    version = f"{connection.pg_version // 10000}.{connection.pg_version % 10000}"  # type: ignore[attr-defined]
    yield True, f"PostgreSQL {version}"
    yield True, gettext_lazy("Everything is served from this machine; no page calls another")
    if "console" in settings.EMAIL_BACKEND or "filebased" in settings.EMAIL_BACKEND:
        yield False, gettext_lazy("E-mail is not set up: invitations and alarms are only written to a file")
    else:
        yield True, gettext_lazy("E-mail is set up")
    free = shutil.disk_usage(settings.FOYER_DATA).free // 2**30
    yield free >= 2, _("%(size)d GB of disk are free") % {"size": free}
