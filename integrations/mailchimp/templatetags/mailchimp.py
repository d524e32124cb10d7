"""Words of plans in templates."""

from __future__ import annotations

from django import template

from integrations.mailchimp import shown, words
from integrations.mailchimp.models import Action, Plan, Status

register = template.Library()


@register.filter
def plan_reason(code: str) -> str:
    return words.reason(code)


@register.filter
def plan_status(status: str) -> str:
    return str(Status(status).label) if status in Status.values else ""


@register.simple_tag
def plan_chips(plan: Plan, chosen: str | None) -> list[tuple[shown.Line, bool]]:
    """What the contacts can be narrowed down to, and whether they are."""
    skipped = plan.counts.get("actions", {}).get(Action.SKIP, 0)
    lines = shown.actions(plan)
    if skipped:
        label, _told, icon = words.ACTIONS[Action.SKIP]
        lines.append(shown.Line(Action.SKIP.value, str(label), skipped, icon=icon))
    return [(line, line.key == chosen) for line in lines]
