"""Rows of the permission table for the home page and the first-run guide."""

from typing import Any

from organisations.models import Organisation
from organisations.roles import Can
from tests.organisations.access_table import Page


def example_data(organisation: Organisation) -> dict[str, Any]:
    Organisation.objects.filter(pk=organisation.pk).update(is_demo=True)
    return {}


PAGES = [
    Page("integrations:home", Can.SEE_PEOPLE),
    Page("integrations:guide", Can.SEE_PEOPLE),
    Page("integrations:remove_example", Can.MANAGE_MEMBERS, "post", example_data, allowed=302),
]
