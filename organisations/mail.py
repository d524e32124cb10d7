"""Mails to the people who work in Foyer (never to an organisation's customers)."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from organisations.errors import Refused
from organisations.locale import spoken
from organisations.models import Invitation


def send_invitation(invitation: Invitation, link: str) -> None:
    organisation = invitation.organisation
    context = {"invitation": invitation, "organisation": organisation, "link": link}
    with translation.override(spoken(organisation.language)):
        subject = _("You are invited to %(organisation)s in Foyer") % {"organisation": organisation.name}
        body = render_to_string("organisations/email/invitation.txt", context)
    try:
        send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [invitation.email])
    except Exception as error:  # each mail back end has its own exceptions
        raise Refused(
            _(
                "The invitation is saved, but the mail could not be sent. "
                "Check the mail settings and invite again."
            )
        ) from error
