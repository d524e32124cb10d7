"""Rows of the permission table for the people pages."""

from typing import Any

from organisations.models import Organisation
from organisations.roles import Can
from profiles.models import Profile
from tests.organisations.access_table import Page
from tests.profiles.sample import deliver, ticket


def a_person(organisation: Organisation) -> dict[str, Any]:
    deliver([ticket(1, email="kari@example.no")])
    return {"public_id": Profile.objects.get(email="kari@example.no").public_id}


PAGES = [
    Page("profiles:people", Can.SEE_PEOPLE),
    Page("profiles:find", Can.SEE_PEOPLE, data={"q": "kari"}),
    Page("profiles:purpose", Can.SEE_PEOPLE, "post", data={"purpose": "service"}, allowed=302),
    Page("profiles:person", Can.SEE_PEOPLE, about=a_person),
]
