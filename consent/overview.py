"""Figures for the permissions page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from cdp.lib import sql
from consent import names, reasons
from consent.facts import Outcome
from consent.models import CollectionPoint, ContactAnswer


@dataclass(frozen=True, slots=True)
class PointLine:
    """A collection point with how many permissions wait for somebody to vouch for it."""

    point: CollectionPoint
    waiting: int

    @property
    def purposes(self) -> str:
        return names.purposes(self.point.purposes)

    @property
    def channels(self) -> str:
        return names.channels(self.point.channels)


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """So many e-mail addresses may, or may not, get the newsletter, for this reason."""

    text: str
    may: bool
    contacts: int


def points_with_waiting() -> list[PointLine]:
    """Those nobody vouches for first, the most waited for before the others."""
    waiting = {row["point_id"]: row["waiting"] for row in sql.rows("consent/points_waiting")}
    points = CollectionPoint.objects.select_related("source", "text")
    lines = [PointLine(point, waiting.get(point.pk, 0)) for point in points]
    return sorted(lines, key=lambda line: (line.point.is_verified, -line.waiting, line.point.name))


def why_not() -> list[ReasonLine]:
    """Every e-mail address by the reason of its newsletter answer, the largest group first."""
    rows = (
        ContactAnswer.objects.unrestricted()
        .filter(channel="email")
        .values_list("newsletter_reason", "newsletter")
        .annotate(contacts=Count("identifier"))
        .order_by("-contacts", "newsletter_reason")
    )
    return [ReasonLine(reasons.text(reason), said == Outcome.ALLOW, n) for reason, said, n in rows]
