"""Plans in the menu, with the number of those that wait for somebody."""

from django.utils.translation import gettext_lazy as _

from organisations.navigation import Entry, register
from organisations.roles import Can


def waiting_plans() -> int:
    from integrations.mailchimp.models import Plan, PlanState
    from integrations.models import RunState

    return Plan.objects.filter(state=PlanState.DRAFT, run__state=RunState.WAITING).count()


def register_entry() -> None:
    register(
        Entry(
            key="plans",
            label=_("Plans"),
            url_name="mailchimp:plans",
            icon="send",
            position=62,
            capability=Can.SEE_PLANS,
            count=waiting_plans,
        )
    )
