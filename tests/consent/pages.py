"""Rows of the permission table for the permission pages."""

from typing import Any

from cdp.lib import clock
from consent import balancing, staff
from consent.models import ConsentEvidence, RegisterFile
from organisations.models import Organisation, User
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


def a_register_file(organisation: Organisation) -> dict[str, Any]:
    made = RegisterFile.objects.create(
        register="robinson_post", month="2026-11-01", name="robinson.txt", sha256="0" * 64, state="read"
    )
    return {"pk": made.pk}


def the_address() -> dict[str, Any]:
    return {
        "identifier": Identifier.objects.get(value="kari@example.no").pk,
        "purpose": "marketing.newsletter",
    }


def a_note(organisation: Organisation) -> dict[str, Any]:
    about = a_person(organisation)
    person, alice = Profile.objects.get(**about), User.objects.get(email="alice@example.org")
    return about | {"act": staff.object_to_everything(actor=alice, person=person).number}


def an_act_with_traces(organisation: Organisation) -> dict[str, Any]:
    kari = world.person("kari@example.no")
    event = world.said(kari)
    ConsentEvidence.objects.create(event=event, user_agent="Firefox", expires_at=clock.now())
    return {"public_id": kari.profile.public_id, "position": event.pk}


def a_balancing_test(organisation: Organisation) -> dict[str, Any]:
    alice = User.objects.get(email="alice@example.org")
    words = ("name", "interest", "necessity", "expectation", "data", "children", "safeguards", "result")
    test = balancing.write(actor=alice, purpose_id="marketing.newsletter", **dict.fromkeys(words, "Letters"))
    return {"pk": test.pk}


def a_source(organisation: Organisation) -> dict[str, Any]:
    return {"pk": world.source("aurora-box").pk}


PAGES = [
    Page("privacy:home", Can.HANDLE_REQUESTS),
    Page("privacy:looking", Can.HANDLE_REQUESTS),
    Page("privacy:map", Can.MANAGE_PERMISSIONS),
    Page("privacy:source", Can.MANAGE_PERMISSIONS, "post", a_source, {"owner": "Kari"}, 302),
    Page("privacy:record", Can.MANAGE_PERMISSIONS),
    Page("privacy:settings", Can.MANAGE_PERMISSIONS),
    Page("privacy:rules", Can.MANAGE_PERMISSIONS, query="?place=NO&name=min_age"),
    Page("privacy:tests", Can.MANAGE_PERMISSIONS),
    Page("privacy:test_new", Can.MANAGE_PERMISSIONS),
    Page("privacy:test", Can.MANAGE_PERMISSIONS, about=a_balancing_test),
    Page("consent:permissions", Can.MANAGE_PERMISSIONS),
    Page("consent:point", Can.MANAGE_PERMISSIONS, about=a_point),
    # An unfinished form comes back with its errors.
    Page("consent:point", Can.MANAGE_PERMISSIONS, "post", a_point),
    Page("consent:text_new", Can.MANAGE_PERMISSIONS),
    Page("consent:text_new", Can.MANAGE_PERMISSIONS, "post"),
    Page("consent:withdraw", Can.EDIT_PEOPLE, "post", a_person, the_address, 302),
    Page("consent:give", Can.EDIT_PEOPLE, "post", a_person, the_address, 302),
    Page("consent:undo", Can.EDIT_PEOPLE, "post", a_note, allowed=302),
    Page("consent:link", Can.EDIT_PEOPLE, "post", a_person, the_address),
    Page("consent:evidence", Can.MANAGE_PERMISSIONS, about=an_act_with_traces),
    Page("registers:registers", Can.MANAGE_PERMISSIONS),
    Page("registers:file", Can.MANAGE_PERMISSIONS, about=a_register_file),
    Page("registers:numbers", Can.MANAGE_PERMISSIONS),
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
