"""Actions and reasons of a plan in the words a marketer reads."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent import reasons
from integrations.mailchimp.models import Action

ACTIONS: dict[str, tuple[Promise, Promise, str]] = {
    # action: what is done, to whom, icon
    Action.ADD: (_("Add"), _("Not in the audience yet."), "user-plus"),
    Action.RAISE: (_("Subscribe"), _("In the audience, and has said yes since."), "mail-check"),
    Action.UNSUBSCRIBE: (_("Unsubscribe"), _("Has said no here, and is told so there."), "ban"),
    Action.UPDATE: (_("Update"), _("Name, basket or last purchase is new."), "refresh-cw"),
    Action.TAG: (_("Tag"), _("Bought another show."), "tag"),
    Action.UNTAG: (_("Untag"), _("Ticket refunded, or the show is over."), "tags"),
    Action.ARCHIVE: (_("Archive"), _("Another address is in use, or the person's data is locked."), "inbox"),
    Action.SKIP: (_("Leave alone"), _("May not be added, or must not be changed."), "hand"),
}

REASONS: dict[str, Promise] = {
    "AT_UNSUBSCRIBED": _(
        "Unsubscribed at Mailchimp, although there is a yes here. Only the person can come back, by "
        "Mailchimp's own form."
    ),
    "AT_CLEANED": _("Mailchimp's mail bounced. The address is not written to any more."),
    "AT_FORGOTTEN": _(
        "Deleted for good at Mailchimp, which takes the address from nobody but the person: only they can "
        "sign up again, with Mailchimp's own form."
    ),
    "AT_ARCHIVED": _("Archived at Mailchimp by somebody there. Take it out of the archive there."),
    "AT_REFUSED": _("Mailchimp does not take this address. Correct it at the source."),
    "MOVED": _("The person has another address now."),
    "FIELDS": _("Name, basket or last purchase is new."),
    "TAGS": _("Shows bought or over."),
    "BACK": _("The person uses this address again."),
    "": _("Nothing left to do: somebody else was faster."),
}


def reason(code: str) -> str:
    """A code of the plan's own or of the ledger; one that nobody knows is shown as it is."""
    if code in REASONS:
        return str(REASONS[code])
    return reasons.text(code) if code in reasons.REASONS else code
