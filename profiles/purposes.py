"""Why somebody looks at people: every look is logged with a purpose from this list (CONSENT.md 3.6).

Each role has one to begin with, so that nobody is stopped on the telephone, unless the privacy
lead has said that it must be picked first. It stands in the bar of every page with people,
and can be changed there, by one key, for the rest of the visit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import TextChoices
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cdp.lib import clock
from organisations.access import Request, Role
from organisations.audit.models import LookPurpose
from organisations.audit.verbs import record
from organisations.models import User

KEY = "looking_for"


class Purpose(TextChoices):
    SERVICE = "service", _("Customer service")
    MARKETING = "marketing", _("Marketing")
    ADMINISTRATION = "administration", _("Administration and support")
    QUALITY = "quality", _("Data quality")
    PRIVACY = "privacy", _("A privacy request")


BY_ROLE: Mapping[str, Purpose] = {
    Role.ADMINISTRATOR: Purpose.ADMINISTRATION,
    Role.MARKETER: Purpose.MARKETING,
    Role.CUSTOMER_SERVICE: Purpose.SERVICE,
    Role.PRIVACY_LEAD: Purpose.PRIVACY,
}


class PurposeNeeded(Exception):
    """Nobody has said what this look is for: nothing is shown (CONSENT.md C161).

    `profiles.middleware` answers with a page that asks, and logs whom it was about.
    """

    def __init__(self, screen: str = "", profile_ids: Sequence[int] = ()) -> None:
        super().__init__("no purpose picked")
        self.screen = screen
        self.profile_ids = tuple(profile_ids)


def of(request: Request, *, screen: str = "", about: Sequence[int] = ()) -> Purpose:
    """The purpose chosen for this visit, else the role's. Raises `PurposeNeeded` where there is none.

    The bar of the page shows it from then on.
    """
    found = current(request)
    if found is None:
        raise PurposeNeeded(screen, about)
    request.looking_for = found  # type: ignore[attr-defined]
    request.looking_choices = Purpose.choices  # type: ignore[attr-defined]
    return found


def fixed(request: Request, purpose: Purpose) -> Purpose:
    """For a screen that has one purpose of its own, whatever else somebody came for."""
    request.looking_for = purpose  # type: ignore[attr-defined]
    request.looking_choices = ()  # type: ignore[attr-defined]
    return purpose


def current(request: Request) -> Purpose | None:
    picked = request.session.get(KEY)
    if picked in Purpose.values:
        return Purpose(picked)
    return default_of(request.membership.role)


def default_of(role: str) -> Purpose | None:
    """What members of a role look for unless they say otherwise; None: they have to say first."""
    said = LookPurpose.objects.filter(role=role).values_list("purpose", flat=True).first()
    if said is None:
        return BY_ROLE[role]
    return Purpose(said) if said in Purpose.values else None


def choose(request: HttpRequest, value: str) -> None:
    if value in Purpose.values:
        request.session[KEY] = value


def set_default(*, role: str, purpose: str, actor: User) -> None:
    """What a role looks for from now on; empty: it must be picked in each visit."""
    LookPurpose.objects.update_or_create(
        role=Role(role).value,
        defaults={
            "purpose": Purpose(purpose).value if purpose else "",
            "set_by": str(actor),
            "set_at": clock.now(),
        },
    )
    record(actor=actor, verb="look_purpose.set", target=role, summary={"purpose": purpose or "to be picked"})
