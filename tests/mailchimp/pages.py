"""Rows of the permission table for plans."""

from typing import Any

from integrations.mailchimp.models import Plan
from integrations.models import Connection, Run, RunState
from organisations.models import Organisation
from organisations.roles import Can
from profiles.models import Source
from tests.organisations.access_table import Page


def a_plan(organisation: Organisation) -> dict[str, Any]:
    """One that waits to be sent, to an audience that nobody can reach from here."""
    source = Source.objects.create(slug="mailchimp", name="Mailchimp", kind=Source.Kind.NEWSLETTER)
    connection = Connection.objects.create(
        connector="mailchimp",
        name="Newsletter",
        slug="newsletter",
        source=source,
        config={"audience": "a1b2c3", "base_url": "http://127.0.0.1:1"},
    )
    run = Run.objects.create(connection=connection, trigger="manual", state=RunState.WAITING)
    return {"pk": Plan.objects.create(run=run).pk}


def an_audience(organisation: Organisation) -> dict[str, Any]:
    return a_plan(organisation) | {"who": "customers"}


PAGES = [
    Page("mailchimp:plans", Can.SEE_PLANS),
    Page("mailchimp:plan", Can.SEE_PLANS, about=a_plan),
    Page("mailchimp:plan_audience", Can.SEE_PLANS, about=an_audience),
    Page("mailchimp:plan_send", Can.APPLY_PLANS, "post", a_plan, allowed=302),
    Page("mailchimp:plan_retry", Can.APPLY_PLANS, "post", a_plan, allowed=302),
]
