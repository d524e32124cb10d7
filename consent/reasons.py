"""The reasons and flags of a decision in words a marketer reads (CONSENT.md 1.5).

The first sentence says what, the second what to do. Texts are lazy, so that the same
stored key reads in the language of whoever looks. Placeholders that are not known are
left out by `text`, which then takes the sentence without them.
"""

from __future__ import annotations

import string
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: Mapping[str, Promise] = {
    "CONSENT": _("Said yes to this on {date} via {source}."),
    "SOFT_OPT_IN": _("Customer of yours, did not decline at purchase. Only your own similar offers."),
    "SERVICE": _("Practical message about a purchase. Must contain nothing to buy."),
    "LEGITIMATE_INTEREST": _("Allowed in this channel after your balancing test of {date}."),
    "LEGAL_PERSON": _("Company mailbox, not a person."),
    "NO_BASIS": _("We know of no permission. Ask at the next checkout, not by e-mail."),
    "WITHDRAWN": _("Withdrew on {date} via {source}. Only the person can change that."),
    "OBJECTED": _("Said no to marketing on {date}. This always comes first."),
    "SUPPRESSED_AFTER_ERASURE": _("Was erased on request. No marketing unless the person says yes again."),
    "RESTRICTED": _("Data is locked while a request is handled."),
    "ADDRESS_INVALID": _("The address no longer reaches this person."),
    "WRONG_CONTROLLER": _("This contact belongs to another organisation."),
    "SERVICE_WITHOUT_ORDER": _("No purchase to write about, so this is marketing."),
    "CONTENT_NO_OPTOUT": _("The message lacks a way to say no. Add the unsubscribe block."),
    "MIXED_CONTENT": _("Service text with an offer counts as marketing. Split it in two."),
    "SURVEY_IS_MARKETING": _("A survey counts as marketing."),
    "CONSENT_REQUEST_IS_MARKETING": _("Asking for permission by message counts as marketing."),
    "NO_ONGOING_RELATION": _(
        "One purchase is not a customer relationship in Norway. Season tickets and memberships are."
    ),
    "NO_OPTOUT_OFFERED": _("We cannot show that the buyer could say no at purchase."),
    "NOT_SIMILAR": _("Not your own, or not similar to what was bought."),
    "NO_SALE": _("No completed sale behind this address."),
    "PARTNER_SALE": _("Bought from another organisation, not from you."),
    "RELATION_TOO_OLD": _("Last purchase is more than {n} months ago."),
    "MINOR_NO_VALID_CONSENT": _("Too young to say yes alone. Needs a guardian."),
    "MINOR_NO_SOFT_OPTIN": _("Under 18. Only with an own, valid yes."),
    "DOI_PENDING": _("Has not clicked the confirmation link."),
    "UNPROVEN_CONSENT": _(
        "A yes without proof (text, time, source). Add the proof or ask again at checkout."
    ),
    "INVALID_CONSENT": _("The form used was not valid ({why})."),
    "CONTROLLER_NOT_NAMED": _("The text did not name your organisation."),
    "CONSENT_LAPSED": _("Not used for {n} months."),
    "GRANT_QUARANTINED": _("The yes is dated in the future. Check the source's clock."),
    "CONSENT_NEEDED_FOR_CHANNEL": _("This channel needs a yes of its own."),
    "OPTOUT_REGISTER": _("On the national opt-out list."),
    "LIA_MISSING": _("No approved balancing test for this."),
    "SENSITIVE_SEGMENT": _("The segment may reveal a sensitive trait. Your privacy lead decides."),
    "NOTICE_MISSING": _("Held: the first message must say where you have the address from. Add the notice."),
    "QUIET_HOURS_LAW": _("Sent later: outside permitted hours."),
    "QUIET_HOURS": _("Sent later: outside permitted hours."),
    "PROMISED_FREQUENCY": _("Sent later: you promised at most {n} a month."),
    "FREQUENCY_CAP": _("Sent later: weekly limit reached."),
    "NO_OPEN_TRACKING": _("Sent without open tracking."),
    "NO_PROFILING": _("Left out of scoring and tailored content."),
    "NO_CROSS_PERSON_PERSONALISATION": _("Shared mailbox: only this person's own data in the text."),
}

# The same where a fact of the sentence is not at hand (a count of many, an old import).
WITHOUT_FACTS: Mapping[str, Promise] = {
    "CONSENT": _("Said yes to this."),
    "LEGITIMATE_INTEREST": _("Allowed in this channel after your balancing test."),
    "WITHDRAWN": _("Withdrew. Only the person can change that."),
    "OBJECTED": _("Said no to marketing. This always comes first."),
    "RELATION_TOO_OLD": _("Last purchase is too long ago."),
    "INVALID_CONSENT": _("The form used was not valid."),
    "CONSENT_LAPSED": _("A yes that was not used for too long."),
    "PROMISED_FREQUENCY": _("Sent later: more than you promised."),
}


def text(reason: str, **facts: object) -> str:
    """The sentence for a reason, with its facts where all of them are known."""
    sentence = str(REASONS[reason])
    wanted = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
    if wanted <= {name for name, value in facts.items() if value not in (None, "")}:
        return sentence.format(**facts)
    return str(WITHOUT_FACTS[reason])
