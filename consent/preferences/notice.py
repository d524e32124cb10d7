"""The Art. 21(4) notice: a block of its own in the first marketing mail, and the foot of every one.

It wants the right to object told at the first communication at the latest, clearly and apart from
anything else. Whoever writes the mail puts it there; Foyer gives the words.
"""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from organisations.public import LANGUAGES


def first_mail(house: str, link: str, locale: str) -> str:
    with translation.override(locale):
        return _(
            "Your right to say no: you can object at any time to %(house)s using your details for marketing, "
            "and to our choosing content for you by what you have bought. It costs nothing and needs no "
            "reason: %(link)s"
        ) % {"house": house, "link": link}


def foot(house: str, link: str, locale: str) -> str:
    with translation.override(locale):
        return _("Unsubscribe, or choose what %(house)s may send you: %(link)s") % {
            "house": house,
            "link": link,
        }


def in_every_language(house: str, link: str) -> list[tuple[str, str, str]]:
    """(language, first mail, foot)."""
    return [(locale, first_mail(house, link, locale), foot(house, link, locale)) for locale in LANGUAGES]
