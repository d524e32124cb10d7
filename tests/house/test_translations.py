"""Whoever reads a page of a house reads it in their own language."""

import pytest
from django.utils import translation

from organisations.locale import is_spoken
from tests import translating


@pytest.mark.parametrize("language", translating.LANGUAGES)
def test_every_word_that_customers_read_is_translated_with_its_placeholders(language: str) -> None:
    """Mended by bin/translate: docs/how-to/translate.md."""
    assert translating.missing(language) == []


@pytest.mark.parametrize("language", translating.LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    assert translating.po(language).with_suffix(".mo").read_bytes() == translating.compiled(language)


@pytest.mark.parametrize("language", translating.LANGUAGES)
def test_the_catalogue_holds_todays_words_and_no_others(language: str) -> None:
    have = {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in translating.catalogue(language)
    }
    assert have - {""} == {word.text for word in translating.words()}


@pytest.mark.parametrize("language", translating.LANGUAGES)
def test_no_package_translates_one_of_our_words_its_own_way(language: str) -> None:
    """Django takes the first application's translation of a word."""
    with translation.override(language):
        other = {
            message.id: translation.gettext(str(message.id))
            for message in translating.catalogue(language)
            if message.id
            and isinstance(message.id, str)
            and translation.gettext(message.id) != message.string
        }
    assert other == {}


def test_the_console_does_not_speak_half_of_a_language_because_of_them() -> None:
    assert not any(is_spoken(language) for language in translating.LANGUAGES)


def test_words_are_found_in_templates_and_modules() -> None:
    found = {word.text: word.places for word in translating.words()}
    assert "templates/preferences/page.html" in found["Unsubscribe"]
    assert "consent/reasons.py" in found["A survey counts as marketing."]
    assert not any("by_mail.html" in place for places in found.values() for place in places)
