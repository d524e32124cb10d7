"""Why somebody looks at people: every look is logged with a purpose from this list (CONSENT.md 3.6).

Each role has one to begin with, so that nobody is stopped on the telephone; it is shown
on every page with people, and can be changed there for the rest of the visit.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import TextChoices
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from organisations.access import Request, Role

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


def of(request: Request) -> Purpose:
    """The purpose chosen for this visit, else the role's."""
    picked = request.session.get(KEY)
    return Purpose(picked) if picked in Purpose.values else BY_ROLE[request.membership.role]


def choose(request: HttpRequest, value: str) -> None:
    if value in Purpose.values:
        request.session[KEY] = value
