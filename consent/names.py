"""What purposes, channels and answers are called on pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.models import Channel

PURPOSES: Mapping[str, Promise] = {
    "service.event_info": _("About what was bought"),
    "marketing.newsletter": _("Newsletter"),
    "marketing.own_similar": _("Own similar offers"),
    "marketing.partner": _("Offers of partners"),
    "survey": _("Surveys"),
    "profiling": _("Tailored content"),
    "tracking.email_open": _("Seeing that a mail was opened"),
    "ads.audience_match": _("Matching with advertising networks"),
    "*": _("All marketing"),
}

EXPLANATIONS: Mapping[str, Promise] = {
    "service.event_info": _("Tickets, changes, cancellations, opening hours. Nothing to buy."),
    "marketing.newsletter": _("News and offers."),
    "marketing.own_similar": _("What you sell yourselves, similar to what was bought."),
    "marketing.partner": _("What other organisations sell."),
    "survey": _("Questions about a visit, requests for a review."),
    "profiling": _("Scores and content chosen by what somebody did."),
    "tracking.email_open": _("A pixel in the mail. Foyer sends none without a yes to it."),
    "ads.audience_match": _("Uploading addresses to find the same people there."),
}

# What a box at a checkout can ask for.
ASKABLE = tuple(key for key in PURPOSES if key not in ("service.event_info", "*"))


def purpose(key: str) -> str:
    return str(PURPOSES.get(key, key))


def channel(key: str) -> str:
    return str(_("Every channel")) if key == "*" else str(dict(Channel.choices).get(key, key))


def purposes(keys: Iterable[str]) -> str:
    return ", ".join(purpose(key) for key in keys)


def channels(keys: Iterable[str]) -> str:
    return ", ".join(channel(key) for key in keys)
