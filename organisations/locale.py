"""Which languages Foyer speaks, and a middleware that chooses no other.

Django and its packages speak many more. Without this, a page whose words have no
Norwegian yet would carry Norwegian dates and errors, and say that it is Norwegian.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

SOURCE = "en"


@cache
def is_spoken(code: str) -> bool:
    """English, and every language with a catalogue of Foyer's own."""
    name = translation.to_locale(code)
    return code == SOURCE or any(
        (Path(place) / name / "LC_MESSAGES" / "django.mo").exists() for place in settings.LOCALE_PATHS
    )


def spoken(code: str) -> str:
    """The language itself where Foyer speaks it, else English: for mails and stored sentences."""
    return code if is_spoken(code) else SOURCE


class SpokenLanguages(LocaleMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if not is_spoken(translation.get_language() or SOURCE):
            translation.activate(SOURCE)
            request.LANGUAGE_CODE = SOURCE
