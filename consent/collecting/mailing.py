"""The mail that asks to confirm: from the organisation, in the person's language, without advertising."""

from __future__ import annotations

from email.utils import formataddr, parseaddr
from typing import cast

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from cdp.lib import crypto
from consent import house
from consent.models import Confirmation, ConsentText
from organisations.models import Organisation
from organisations.public import public_url


def send(asked: Confirmation, token: str) -> None:
    """To the address itself or, for a child, to the guardian. Raises what the mail library raises."""
    organisation = cast(Organisation, connection.tenant)  # type: ignore[attr-defined]
    controller = house.settings()
    guardian = crypto.unseal(organisation.schema_name, asked.guardian_sealed) if asked.guardian_sealed else ""
    texts = ConsentText.objects.filter(pk__in=[answer["text"] for answer in asked.answers])
    context = {
        "organisation": organisation,
        "controller": controller,
        "for_a_child": bool(guardian),
        "texts": texts.order_by("pk"),
        "link": link(organisation, token, asked.locale),
    }
    with translation.override(asked.locale):
        subject = _("Please confirm: %(house)s") % {"house": organisation.name}
        body = render_to_string("forms/confirm_mail.txt", context)
    EmailMessage(
        subject,
        body,
        formataddr((organisation.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        [guardian or asked.identifier.value],
        reply_to=[controller.contact_email] if controller.contact_email else None,
        headers={"Auto-Submitted": "auto-generated"},
        connection=get_connection(),
    ).send()


def link(organisation: Organisation, token: str, locale: str) -> str:
    path = reverse("forms:confirm", args=[organisation.slug, token])
    return f"{public_url(organisation, path)}?lang={locale}"
