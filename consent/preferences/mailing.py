"""The mail with somebody's own link, which they asked for. Nothing is advertised in it."""

from __future__ import annotations

from email.utils import formataddr, parseaddr
from typing import cast

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from consent import house
from consent.preferences import oneclick, tokens
from organisations.models import Organisation
from profiles.models import Identifier


def send_link(identifier_id: int, locale: str) -> bool:
    """To the address itself, which proves whoever comes back by it. False where nobody has it."""
    identifier = Identifier.objects.filter(pk=identifier_id, kind="email").first()
    if identifier is None:
        return False
    organisation = cast(Organisation, connection.tenant)  # type: ignore[attr-defined]
    context = {
        "organisation": organisation,
        "link": f"{oneclick.link(tokens.make(identifier.pk))}?lang={locale}",
    }
    with translation.override(locale):
        subject = _("Your choices with %(house)s") % {"house": organisation.name}
        body = render_to_string("preferences/link_mail.txt", context)
    contact = house.settings().contact_email
    EmailMessage(
        subject,
        body,
        formataddr((organisation.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        [identifier.value],
        reply_to=[contact] if contact else None,
    ).send()
    return True
