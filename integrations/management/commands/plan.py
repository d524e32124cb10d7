"""`manage.py plan`: looks at what would be sent, and sends it; what the plan page does."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.commands import add_organisation, connection_named, end, follow, inside, print_json
from integrations.errors import ConfigurationError
from integrations.mailchimp import plans
from integrations.mailchimp.models import Plan
from integrations.runs.verbs import NotPossible


class Command(BaseCommand):
    help = "Show a destination's plan, or apply it. docs/reference/commands.md has examples."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="show|apply")
        for verb, said in (("show", "what would be sent"), ("apply", "send it, here and now")):
            one = verbs.add_parser(verb, help=said)
            one.add_argument("connection", help="the destination's short name")
            one.add_argument("--json", action="store_true", help="all counts as JSON")
            add_organisation(one)

    def handle(self, *args: Any, verb: str, organisation: str, connection: str, json: bool, **_: Any) -> None:
        with inside(organisation):
            plan = plans.latest(connection_named(connection))
            if plan is None:
                raise CommandError("There is no plan yet: start a run of this connection.")
            if verb == "apply":
                self._apply(plan, json)
            else:
                self._show(plan, json)

    def _show(self, plan: Plan, json: bool) -> None:
        if json:
            print_json(self, told(plan))
            return
        self.stdout.write(
            f"Plan {plan.pk} of run {plan.run_id}: {plan.get_state_display()} {plan.reason}".rstrip()
        )
        self.stdout.write(f"  changes {plan.contacts} contacts")
        for group, counts in plan.counts.items():
            if isinstance(counts, dict) and counts:
                numbers = ", ".join(f"{name} {number}" for name, number in counts.items())
                self.stdout.write(f"  {group}: {numbers}")

    def _apply(self, plan: Plan, json: bool) -> None:
        try:
            plans.approve(plan=plan, actor=None)
        except (NotPossible, ConfigurationError) as refusal:
            raise CommandError(str(refusal)) from None
        run = follow(plan.run, quiet=json)
        plan.refresh_from_db()
        self._show(plan, json)
        end(run)


def told(plan: Plan) -> dict[str, Any]:
    """JSON-able, no personal data."""
    return {
        "plan": plan.pk,
        "run": plan.run_id,
        "state": plan.state,
        "reason": plan.reason,
        "contacts": plan.contacts,
        "counts": plan.counts,
    }
