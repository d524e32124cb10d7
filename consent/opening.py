"""What would have to happen before a message may go: the way out beside every no (CONSENT.md C173)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OWN_CLICK = _(
    "Only the person's own act: signing in, a form, or their preference page. What staff note is not enough."
)
ASK_WHERE_THEY_ARE = _(
    "A yes of their own: at the next checkout, on a ticket page, at the door. Asking by message is marketing."
)

OPENS: Mapping[str, Promise] = {
    "NO_BASIS": ASK_WHERE_THEY_ARE,
    "WITHDRAWN": OWN_CLICK,
    "OBJECTED": OWN_CLICK,
    "SUPPRESSED_AFTER_ERASURE": OWN_CLICK,
    "RESTRICTED": _("Closing the request that locked the data, or lifting the lock there."),
    "ADDRESS_INVALID": _("An address that works, confirmed by the person. The yes does not move by itself."),
    "WRONG_CONTROLLER": _("Nothing: it is not yours to write to."),
    "SERVICE_WITHOUT_ORDER": _("A purchase or membership that the message is about."),
    "CONTENT_NO_OPTOUT": _("Sender, postal address and a way to say no in the message itself."),
    "NO_ONGOING_RELATION": _("A season ticket or membership in force, or a yes of their own."),
    "NO_OPTOUT_OFFERED": _(
        "If buyers could say no when they bought, say so at the collection point. Else a yes of their own."
    ),
    "NOT_SIMILAR": _("A message about what the house itself sells, similar to what was bought; or a yes."),
    "NO_SALE": _("A completed purchase with this address, or a yes of their own."),
    "PARTNER_SALE": _("A yes of their own: the buyer is the other organisation's customer."),
    "RELATION_TOO_OLD": _("A new purchase, or a yes of their own."),
    "MINOR_NO_VALID_CONSENT": _("A yes of a parent or guardian whose address is confirmed."),
    "MINOR_NO_SOFT_OPTIN": _("A yes of their own, at the age the country asks for, or a guardian's."),
    "DOI_PENDING": _("The click on the link in the confirmation mail. It lapses after seven days."),
    "UNPROVEN_CONSENT": _(
        "Somebody who vouches for the collection point, or the time at which the person said it."
    ),
    "INVALID_CONSENT": _("A new yes, to a box that was empty."),
    "CONTROLLER_NOT_NAMED": _("A new yes, to words that name your organisation."),
    "CONSENT_LAPSED": _("A new yes. If the list was in use all the time, say so at its collection point."),
    "GRANT_QUARANTINED": _("The right date from the source, or simply the day it gives."),
    "CONSENT_NEEDED_FOR_CHANNEL": _("A yes of their own to this channel. One to another does not count."),
    "OPTOUT_REGISTER": _("A yes of their own to this channel; or being taken off the register."),
    "LIA_MISSING": _("A balancing test for this purpose and channel, written and approved."),
    "SENSITIVE_SEGMENT": _("The privacy lead's decision."),
    "QUIET_HOURS_LAW": _("The hour: it is sent later by itself."),
    "QUIET_HOURS": _("The hour: it is sent later by itself."),
    "PROMISED_FREQUENCY": _("Time: what was promised is used up for now."),
    "FREQUENCY_CAP": _("Time: this week's messages are used up."),
    "NO_PROFILING": _("The person's own yes to tailored content. For somebody under 18, nothing."),
}


def text(reason: str) -> str:
    """Empty for what is open already."""
    return str(OPENS.get(reason, ""))
