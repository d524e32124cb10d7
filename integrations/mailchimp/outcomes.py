"""What Mailchimp's refusal of one contact means: for good, ask again, or the person's own no."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

MOST_ATTEMPTS = 3


class Meaning(StrEnum):
    COMPLIANCE = "compliance"
    FORGOTTEN = "forgotten"
    FOR_GOOD = "for_good"
    AGAIN = "again"


# Inside a batch there is no title, only a sentence (INTEGRATIONS: error_code is ERROR_GENERIC for all).
_SIGNS = (
    ("compliance state", Meaning.COMPLIANCE),
    ("permanently deleted", Meaning.FORGOTTEN),
    ("cannot be re-imported", Meaning.FORGOTTEN),
    ("looks fake or invalid", Meaning.FOR_GOOD),
    ("valid email", Meaning.FOR_GOOD),
    ("merge fields were invalid", Meaning.FOR_GOOD),
)

WORDS = {
    Meaning.COMPLIANCE: _("Unsubscribed or bounced at Mailchimp. Only the person can come back."),
    Meaning.FORGOTTEN: _(
        "Was deleted for good at Mailchimp and cannot be added from here. Only the person can sign up "
        "again, with Mailchimp's own form: send them its address."
    ),
    Meaning.FOR_GOOD: _("Mailchimp does not take this address or one of its fields."),
    Meaning.AGAIN: _("Mailchimp could not save this contact."),
}


def meaning(error: str) -> Meaning:
    low = error.lower()
    return next((found for sign, found in _SIGNS if sign in low), Meaning.AGAIN)
