"""What purposes and channels are called to the people they are about, and what they say yes to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.facts import ANY
from consent.models import ConsentText

PURPOSES: Mapping[str, Promise] = {
    "marketing.newsletter": gettext_lazy("News and offers from us"),
    "marketing.own_similar": gettext_lazy("Offers like what you have bought from us"),
    "marketing.partner": gettext_lazy("Offers from our partners"),
    "survey": gettext_lazy("Questions about your visit"),
    "profiling": gettext_lazy("Content chosen by what you have bought and read"),
    "tracking.email_open": gettext_lazy("Seeing whether you open our e-mails"),
    "ads.audience_match": gettext_lazy("Finding you on advertising networks"),
    ANY: gettext_lazy("All marketing"),
}
CHANNELS: Mapping[str, Promise] = {
    "email": gettext_lazy("by e-mail"),
    "sms": gettext_lazy("by SMS"),
    "phone": gettext_lazy("by telephone"),
    "push": gettext_lazy("in the app"),
    "post": gettext_lazy("by letter"),
    ANY: gettext_lazy("in every way"),
}

# What Foyer has words for. Partners and networks must be named, so only the house can word that.
YES: Mapping[tuple[str, str], Promise] = {
    ("marketing.newsletter", "email"): gettext_lazy(
        "Yes, %(house)s may send me news and offers by e-mail. I can take this back at any time."
    ),
    ("marketing.newsletter", "sms"): gettext_lazy(
        "Yes, %(house)s may send me news and offers by SMS. I can take this back at any time."
    ),
    ("survey", "email"): gettext_lazy(
        "Yes, %(house)s may ask me about my visits by e-mail. I can take this back at any time."
    ),
    ("survey", "sms"): gettext_lazy(
        "Yes, %(house)s may ask me about my visits by SMS. I can take this back at any time."
    ),
    ("profiling", "email"): gettext_lazy(
        "Yes, %(house)s may choose what I get by e-mail by what I have bought and read. "
        "I can take this back at any time."
    ),
    ("tracking.email_open", "email"): gettext_lazy(
        "Yes, %(house)s may see whether I open its e-mails. I can take this back at any time."
    ),
}


def purpose(key: str) -> str:
    return str(PURPOSES.get(key, key))


def channel(key: str) -> str:
    return str(CHANNELS.get(key, key))


@dataclass(frozen=True, slots=True)
class Words:
    """What a yes is to, in one language. `text` is the registered one, None until somebody says yes to
    Foyer's own words; a house that registers a text called `name` is heard first."""

    purpose: str
    channel: str
    locale: str
    body: str
    text: ConsentText | None

    @property
    def name(self) -> str:
        return text_name(self.purpose, self.channel)

    @property
    def key(self) -> str:
        """Names these very words, so that nobody says yes to others than were shown."""
        return f"{self.purpose}/{self.channel}/{hashlib.sha256(self.body.encode()).hexdigest()[:16]}"


def text_name(purpose: str, channel: str) -> str:
    return f"preferences-{purpose.replace('.', '-')}-{channel}"


def to_say_yes(purpose: str, channel: str, *, house: str, locale: str) -> Words | None:
    """The words for one permission; None where neither the house nor Foyer has any."""
    named = ConsentText.objects.filter(name=text_name(purpose, channel), locale=locale)
    if text := named.order_by("-version").first():
        return Words(purpose, channel, locale, text.body, text)
    own = YES.get((purpose, channel))
    return Words(purpose, channel, locale, str(own) % {"house": house}, None) if own else None


def no_list() -> str:
    """What the confirmation must say (Datatilsynet, SmartResponse, 30 September 2022)."""
    return _(
        "We keep your address, and what you said no to and when, on a list of people we must not write to. "
        "Without it, the next list from a ticket office would bring you back."
    )
