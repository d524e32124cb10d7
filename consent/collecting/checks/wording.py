"""Whether the words are plain, whole and fair: L06-L15, L19."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from consent.collecting import reading, words
from consent.collecting.checks.case import Case, Check, Finding
from consent.collecting.spec import Words
from consent.models import ConsentText

MOST_WORDS = 60
LEAST_PROSE = 8
PARTNER = "marketing.partner"
BOX = ConsentText.Control.UNTICKED_BOX


def unnamed(case: Case) -> Iterator[Finding]:
    """L06 (GDPR Art. 4(11), recital 42)."""
    names = [name.casefold() for name in case.names if name]
    for code, where, text in case.bodies():
        shown = f"{text.body} {case.spec.locales[code].heading} {case.spec.locales[code].intro}".casefold()
        listed = [named.casefold() for named in text.controllers]
        if not any(name in shown or name in listed for name in names):
            message = _("The words do not say whom the yes is given to: name your organisation.")
            yield Finding("L06", "stop", message, where)
        others = [named for named in listed if named not in names]
        partner = words.found(words.PARTNERS, code, text.body) or PARTNER in text.purposes
        if partner and not others:
            message = _("Partners are meant but not listed. Name each of them in the words.")
            yield Finding("L06", "stop", message, where)


def withdrawal_untold(case: Case) -> Iterator[Finding]:
    """L07 (GDPR Art. 7(3); Danish MFL § 10(1): before the consent)."""
    for code, where, text in case.bodies():
        told = f"{text.body} {case.spec.locales[code].intro} {case.spec.locales[code].withdrawal}"
        if not text.withdrawal_told and not words.found(words.WITHDRAWAL, code, told):
            message = _("Nothing says that a yes can be taken back, and how.")
            yield Finding("L07", "stop", message, where)


def terms(case: Case) -> Iterator[Finding]:
    """L08 (GDPR Art. 7(2))."""
    for code, where, text in case.bodies():
        if phrase := words.found(words.TERMS, code, text.body):
            message = _("Mixed with terms of sale (“%(phrase)s”). Ask for permission apart from them.")
            yield Finding("L08", "stop", message % {"phrase": phrase}, where)


def pressure(case: Case) -> Iterator[Finding]:
    """L09: guilt, fear, urgency (EDPB 03/2022, stirring)."""
    for code, where, text in case.passages():
        sad = words.SAD.search(text)
        if phrase := words.found(words.GUILT, code, text) or (sad[0] if sad else ""):
            message = _("Presses people: “%(phrase)s”.") % {"phrase": phrase}
            yield Finding("L09", "stop", message, where)


def twisted(case: Case) -> Iterator[Finding]:
    """L10: double negatives, ticks that mean no, answers that are not each other's opposite."""
    for code, where, text in case.bodies():
        if any(_negations(code, sentence) > 1 for sentence in reading.sentences(text.body)):
            yield Finding("L10", "stop", _("A sentence says no twice."), where)
        if text.control == BOX and (phrase := words.found(words.NEGATED_ASK, code, text.body)):
            message = _("A tick would mean no (“%(phrase)s”).") % {"phrase": phrase}
            yield Finding("L10", "stop", message, where)
    for code, language, _asks in case.languages():
        for number, control in enumerate(language.controls):
            asks_both = case.texts[control.text].control != BOX and control.no
            if asks_both and not _are_parallel(code, control.yes, control.no):
                message = _("“%(yes)s” and “%(no)s” are not each other's opposite.")
                told = message % {"yes": control.yes, "no": control.no}
                yield Finding("L10", "stop", told, f"{code}.controls.{number}")


def _negations(code: str, sentence: str) -> int:
    found = [word.casefold() for word in reading.words(sentence)]
    return sum(word in words.NEGATIONS.get(code, ()) for word in found)


def _are_parallel(code: str, yes: str, no: str) -> bool:
    starts = [
        (yes.casefold().startswith(one), no.casefold().startswith(other)) for one, other in _pairs(code)
    ]
    return any(both == (True, True) for both in starts)


def _pairs(code: str) -> tuple[tuple[str, str], ...]:
    return words.ANSWERS.get(code, words.ANSWERS["en"])


def asked_again(case: Case) -> Iterator[Finding]:
    """L11. A count: a form on the web does not know who comes before they say so."""
    if case.recent_nos:
        message = _(
            "%(n)s people said no in the same channel within the last six months. "
            "Do not show them this form where you know who they are."
        ) % {"n": case.recent_nos}
        yield Finding("L11", "warn", message)


def reward(case: Case) -> Iterator[Finding]:
    """L12."""
    for code, language, _asks in case.languages():
        promised = words.found(words.REWARD, code, _everything(language, case))
        if promised and not words.found(words.KEPT, code, _everything(language, case)):
            message = _(
                "A reward is promised (“%(what)s”). Say that it is for the yes, and that it stays "
                "when the yes is taken back."
            ) % {"what": promised}
            yield Finding("L12", "warn", message, code)


def _everything(language: Words, case: Case) -> str:
    bodies = [case.texts[control.text].body for control in language.controls]
    return " ".join((language.heading, language.intro, language.submit, language.withdrawal, *bodies))


def long_winded(case: Case) -> Iterator[Finding]:
    """L13: LIX, and words to be read before the first choice."""
    for code, language, _asks in case.languages():
        first = case.texts[language.controls[0].text].body if language.controls else ""
        before = " ".join((language.heading, language.intro, first))
        if (count := len(reading.words(before))) > MOST_WORDS:
            message = _("%(n)s words before the first choice; %(most)s are plenty.")
            yield Finding("L13", "warn", message % {"n": count, "most": MOST_WORDS}, code)
        hardest = max((language.intro, first), key=_lix_of_prose)
        if reading.is_hard(hardest, code) and _lix_of_prose(hardest):
            message = _("Hard to read (LIX %(lix).0f). Shorter sentences and words help.")
            yield Finding("L13", "warn", message % {"lix": reading.lix(hardest)}, code)


def _lix_of_prose(text: str) -> float:
    """0 for a few words, of which the measure says nothing."""
    return reading.lix(text) if len(reading.words(text)) >= LEAST_PROSE else 0.0


def other_language(case: Case) -> Iterator[Finding]:
    """L14."""
    for code, where, text in case.bodies():
        if text.locale != code:
            message = _("These words are registered in another language (%(locale)s).")
            yield Finding("L14", "stop", message % {"locale": text.locale}, where)
    for code, where, passage in case.passages():
        spoken = words.language_of(passage)
        if spoken and spoken != code:
            message = _("This reads like another language (%(locale)s).") % {"locale": spoken}
            yield Finding("L14", "stop", message, where)


def vague(case: Case) -> Iterator[Finding]:
    """L15."""
    for code, where, text in case.bodies():
        if phrase := words.found(words.VAGUE, code, text.body):
            message = _("“%(phrase)s” does not say what will be sent or done.") % {"phrase": phrase}
            yield Finding("L15", "warn", message, where)
        sends = any(purpose.startswith("marketing.") for purpose in text.purposes)
        if sends and text.promised_per_month is None and not re.search(r"\d", text.body):
            yield Finding("L15", "warn", _("How often you will write is not told."), where)


def ageless(case: Case) -> Iterator[Finding]:
    """L19 (CONSENT.md 1.7)."""
    if case.is_youth and not case.spec.layout.birth_date:
        message = _("A form for young people that does not ask their age.")
        yield Finding("L19", "warn", message, "layout.birth_date")


CHECKS: tuple[Check, ...] = (
    unnamed,
    withdrawal_untold,
    terms,
    pressure,
    twisted,
    asked_again,
    reward,
    long_winded,
    other_language,
    vague,
    ageless,
)
