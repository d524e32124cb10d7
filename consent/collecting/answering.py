"""Reads what a visitor sent: honest errors, nothing kept of what cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from django.utils.translation import gettext as _

from cdp.lib import clock
from consent.collecting import people
from consent.collecting.serving import Said, Served
from consent.models import ConsentText
from profiles import normalise
from profiles.normalise import Unusable

TRAP = "website"
"""A field that people do not see; what fills it in is a machine."""
OLDEST = 120


@dataclass(slots=True)
class Sent:
    """What was read, or what is wrong by field name."""

    said: Said | None = None
    errors: dict[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


def read(served: Served, posted: Mapping[str, str], country: str) -> Sent:
    """`country` is where a number without a country code is from."""
    sent = Sent(values={name: value for name, value in posted.items() if len(value) < 500})
    answers = _answers(served, posted)
    optout = served.spec.layout.optout == "control" and posted.get("optout") == "no"
    if served.spec.layout.required and not all(answers.get(ask.name) for ask in served.asks):
        sent.errors["answers"] = _("The form asks for a yes here.")
    if not answers and not optout and not sent.errors:
        sent.said = Said({})
        return sent
    wanted = _wanted(served, answers)
    email = _contact(sent, "email", posted, normalise.email, must="email" in wanted or optout)
    number = _contact(
        sent, "phone", posted, lambda value: normalise.phone(value, country), must="phone" in wanted
    )
    born = _born(sent, served, posted)
    guardian = _guardian(sent, served, posted)
    if not (email or number or sent.errors):
        sent.errors["email"] = _("Write your e-mail address.")
    if guardian and guardian == email:
        sent.errors["guardian"] = _("Write the guardian's own address, not the child's.")
    if not sent.errors:
        contact = people.Contact(email, number, _name(served, posted), born, served.locale)
        sent.said = Said(answers, contact, guardian, optout)
    return sent


def _answers(served: Served, posted: Mapping[str, str]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for ask in served.asks:
        value = posted.get(ask.name, "")
        is_box = ask.text.control == ConsentText.Control.UNTICKED_BOX
        if value == "yes":
            found[ask.name] = True
        elif value == "no" and not is_box:
            found[ask.name] = False
    return found


def _wanted(served: Served, answers: Mapping[str, bool]) -> set[str]:
    """Which contact points a yes needs. A no is heard for whatever was given."""
    wanted = {
        "email" if channel == "email" else "phone"
        for ask in served.asks
        if answers.get(ask.name)
        for channel in ask.channels
    }
    return wanted | ({"phone"} if served.spec.layout.phone == "required" else set())


def _contact(sent: Sent, name: str, posted: Mapping[str, str], read: object, *, must: bool) -> str:
    value = posted.get(name, "").strip()
    missing = {"email": _("Write your e-mail address."), "phone": _("Write your phone number.")}[name]
    wrong = {
        "email": _("This is not an e-mail address. Look for a missing @ or dot."),
        "phone": _("This is not a phone number. Write the country code too, such as +47."),
    }[name]
    try:
        found = str(read(value)) if value else ""  # type: ignore[operator]
    except Unusable:
        sent.errors[name] = wrong
        return ""
    if not found and (must or value):
        sent.errors[name] = wrong if value else missing
    return found


def _name(served: Served, posted: Mapping[str, str]) -> str:
    if not served.spec.layout.name:
        return ""
    try:
        return normalise.text(posted.get("name", "")[:200])
    except Unusable:
        return ""


def _born(sent: Sent, served: Served, posted: Mapping[str, str]) -> date | None:
    value = posted.get("birth_date", "").strip()
    if not served.spec.layout.birth_date:
        return None
    today = clock.now().date()
    try:
        found = date.fromisoformat(value) if value else None
    except ValueError:
        found = None
    if found is None or not (today.year - OLDEST <= found.year and found < today):
        sent.errors["birth_date"] = _("Write your date of birth.")
        return None
    return found


def _guardian(sent: Sent, served: Served, posted: Mapping[str, str]) -> str:
    value = posted.get("guardian", "").strip()
    if not served.spec.layout.guardian or not value:
        return ""
    try:
        return normalise.email(value)
    except Unusable:
        sent.errors["guardian"] = _("This is not an e-mail address. Look for a missing @ or dot.")
        return ""


def too_young(sent: Sent, served: Served, age: int) -> Sent:
    """Says what a child can do; nothing has been written."""
    if served.spec.layout.guardian:
        message = _("You are under %(age)s, so a guardian must confirm. Write a guardian's e-mail address.")
        return replace(sent, said=None, errors={"guardian": message % {"age": age}})
    message = _("You must be %(age)s to say yes yourself. Nothing has been stored.")
    return replace(sent, said=None, errors={"birth_date": message % {"age": age}})


def nobody(sent: Sent) -> Sent:
    return replace(sent, said=None, errors={"email": _("We cannot write to this address. Use your own.")})
