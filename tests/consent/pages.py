"""Rows of the permission table for the permission pages."""

from typing import Any

from organisations.models import Organisation
from organisations.roles import Can
from profiles.models import Identifier, Profile
from tests.consent import world
from tests.consent.experiments import lab
from tests.organisations.access_table import Page


def a_point(organisation: Organisation) -> dict[str, Any]:
    return {"pk": world.point().pk}


def a_person(organisation: Organisation) -> dict[str, Any]:
    world.person("kari@example.no", given_name="Kari")
    return {"public_id": Profile.objects.get(given_name="Kari").public_id}


def the_address() -> dict[str, Any]:
    return {
        "identifier": Identifier.objects.get(value="kari@example.no").pk,
        "purpose": "marketing.newsletter",
    }


PAGES = [
    Page("consent:permissions", Can.MANAGE_PERMISSIONS),
    Page("consent:point", Can.MANAGE_PERMISSIONS, about=a_point),
    # An unfinished form comes back with its errors.
    Page("consent:point", Can.MANAGE_PERMISSIONS, "post", a_point),
    Page("consent:text_new", Can.MANAGE_PERMISSIONS),
    Page("consent:text_new", Can.MANAGE_PERMISSIONS, "post"),
    Page("consent:withdraw", Can.EDIT_PEOPLE, "post", a_person, the_address, 302),
    Page("consent:give", Can.EDIT_PEOPLE, "post", a_person, the_address, 302),
    Page("consent:object", Can.EDIT_PEOPLE, "post", a_person, allowed=302),
    Page("preferences:setting", Can.MANAGE_PERMISSIONS),
    Page("preferences:by_mail", Can.EDIT_PEOPLE),
    # What holds no link comes back with its error.
    Page("preferences:by_mail", Can.EDIT_PEOPLE, "post", data={"pasted": "hello"}),
]

BY_LINK = "Opened by a link that only its reader has: tests/consent/preferences tries another organisation's."
EXEMPT = {
    f"preferences:{name}": BY_LINK for name in ("page", "choices", "rights", "receipts", "receipt_json")
} | {"preferences:ask": "The public page that mails somebody their own link, the same answer for all."}

PAGES += [
    Page("experiments:list", Can.EDIT_FORMS),
    Page("experiments:choose", Can.EDIT_FORMS),
    Page("experiments:new", Can.EDIT_FORMS, about=lab.a_live_form),
    Page("experiments:new", Can.EDIT_FORMS, "post", lab.a_live_form),
    Page("experiments:one", Can.EDIT_FORMS, about=lab.a_running_test),
    Page("experiments:start", Can.EDIT_FORMS, "post", lab.a_draft, allowed=302),
    Page("experiments:stop", Can.EDIT_FORMS, "post", lab.a_running_test, allowed=302),
    Page("experiments:discard", Can.EDIT_FORMS, "post", lab.a_draft, allowed=302),
    Page("experiments:promote", Can.EDIT_FORMS, "post", lab.a_running_test, {"variant": "b"}, 302),
]
EXEMPT["experiments:understood"] = "Answers a question sealed for one organisation: test_understanding.py."

PUBLIC_FORM = "A page for customers: tests/consent/collecting tries another organisation's."
EXEMPT |= {f"forms:{name}": PUBLIC_FORM for name in ("hosted", "embedded", "confirm")}
