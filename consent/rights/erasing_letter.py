"""What the person is told: before, what will go and stay; after, that it is done (GDPR Art. 12(3), 19)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from email.utils import formataddr, parseaddr
from typing import Any, cast

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from consent import house
from consent.rights.erasing_journal import BACKUPS
from organisations import personal_data
from organisations.models import Organisation
from organisations.personal_data import Later

Line = Mapping[str, Any]
"""A line of a plan: "store", "doing", "rows"."""


def text(lines: Iterable[Line], asked: Iterable[str] = (), *, done: bool) -> str:
    """In the organisation's language and without the person's name. `asked` are labels of other systems."""
    organisation = cast(Organisation, connection.tenant)  # type: ignore[attr-defined]
    known = house.settings()
    told = [line for line in lines if line["rows"]]
    with translation.override(organisation.language):
        context = {
            "house": known.legal_name or organisation.name,
            "contact": known.contact_email,
            "gone": [_line(line) for line in told if line["doing"] in ("delete", "anonymise")],
            "kept": [_line(line) for line in told if line["doing"] == "keep"],
            "asked": sorted(set(asked)),
            "days": BACKUPS.days,
            "done": done,
        }
        return render_to_string("rights/_erasure_letter.txt", context).strip()


def _line(line: Line) -> dict[str, Any]:
    """With the store's own words, in the language that is being spoken."""
    store = next((s for s in personal_data.stores() if s.model == line["store"]), None)
    label, why = (store.label, store.why) if store else (line["label"], line["why"])
    return {"label": str(label), "why": str(why), "rows": line["rows"]}


def send(address: str, lines: Iterable[Line]) -> str:
    """Tells the person by mail that it is done; answers words for the receipt. Errors: Later."""
    organisation = cast(Organisation, connection.tenant)  # type: ignore[attr-defined]
    contact = house.settings().contact_email
    with translation.override(organisation.language):
        subject = _("You have been forgotten by %(house)s") % {"house": organisation.name}
    mail = EmailMessage(
        subject,
        text(lines, done=True),
        formataddr((organisation.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        [address],
        reply_to=[contact] if contact else None,
    )
    try:
        mail.send()
    except Exception as error:  # each mail back end has its own exceptions
        raise Later(_("The mail could not be sent (%(why)s).") % {"why": type(error).__name__}) from None
    return _("sent by mail")
