"""Whether yes and no are equally easy: L01-L05, L17, L18, L20."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from consent.collecting.checks.case import Case, Check, Finding
from consent.models import ConsentText

MOST_DIFFERENCE = 1.25
LEAST_CONTRAST = 4.5
LEAST_PIXELS = 24
BOX = ConsentText.Control.UNTICKED_BOX
STEPS_BACK = {"link": 1, "sign_in": 3, "letter": 4}
"""Clicks to take a yes back, from a message: the preference centre answers one click without log-in
(CONSENT.md 2.12); signing in is name, password, click; a letter has to be written, addressed and sent."""
STEPS_TO_GIVE = {"box": 2, "choice": 2, "button": 1}
"""A tick or a choice and the button; or the button alone."""


def preselected(case: Case) -> Iterator[Finding]:
    """L01 (C-673/17 Planet49)."""
    if case.spec.layout.preselected:
        yield Finding("L01", "stop", _("An answer is chosen beforehand. Leave every answer empty."), "layout")


def unequal(case: Case) -> Iterator[Finding]:
    """L02: element, size, contrast and order of yes and no (Datatilsynet 20 October 2021)."""
    layout = case.spec.layout
    if layout.yes_style != layout.no_style:
        times = case.appearance.difference(layout.yes_style, layout.no_style)
        yield Finding(
            "L02",
            "stop",
            _("Yes and no do not look alike: one stands out %(times).1f times as much. Give both one style.")
            % {"times": times},
            "layout.no_style",
        )
    elif case.appearance.difference(layout.yes_style, layout.no_style) > MOST_DIFFERENCE:
        yield Finding("L02", "stop", _("One answer stands out more than the other."), "layout")
    for code, _words, asks in case.languages():
        for ask in asks:
            if ask.text.control != BOX and not ask.control.no:
                where = f"{code}.controls"
                yield Finding("L02", "stop", _("There is a yes and no no. Give the no a label."), where)


def further_away(case: Case) -> Iterator[Finding]:
    """L03."""
    if case.spec.layout.no_place != "beside":
        message = _("The no is behind another page. Put it beside the yes.")
        yield Finding("L03", "stop", message, "layout.no_place")


def demanded(case: Case) -> Iterator[Finding]:
    """L04 (GDPR Art. 7(4))."""
    if case.spec.layout.required:
        message = _("Nobody gets on without saying yes. A purchase must not depend on it.")
        yield Finding("L04", "stop", message, "layout.required")


def bundled(case: Case) -> Iterator[Finding]:
    """L05: one control, one purpose, one channel (GDPR Art. 7(2), recital 43)."""
    for code, _words, asks in case.languages():
        for ask in asks:
            if len(ask.purposes) > 1 or len(ask.channels) > 1:
                message = _(
                    "One control asks for several things (%(n)s). "
                    "Split it, so that each can be answered alone."
                ) % {"n": len(ask.pairs)}
                yield Finding("L05", "stop", message, f"{code}.{ask.name}")


def harder_to_leave(case: Case) -> Iterator[Finding]:
    """L17 (GDPR Art. 7(3)): taking back takes at most as many steps as giving, and no log-in."""
    way = case.spec.layout.withdrawal
    kinds = {_kind(text) for _code, _where, text in case.bodies()}
    giving = min((STEPS_TO_GIVE[kind] for kind in kinds), default=1)
    if way == "sign_in" or STEPS_BACK[way] > giving:
        message = _(
            "Giving takes %(giving)s clicks, taking back %(back)s. Use the link in every message: one click."
        ) % {"giving": giving, "back": STEPS_BACK[way]}
        yield Finding("L17", "stop", message, "layout.withdrawal")


def _kind(text: ConsentText) -> str:
    kinds = {BOX: "box", ConsentText.Control.BUTTON: "button"}
    return kinds.get(ConsentText.Control(text.control), "choice")


def hard_to_see(case: Case) -> Iterator[Finding]:
    """L18, from the style sheets that the form uses."""
    look = case.appearance
    styles = {case.spec.layout.yes_style, case.spec.layout.no_style}
    answers = {f".answer.{style}": look.answers[style] for style in styles}
    for name, part in {**look.texts, **answers}.items():
        if part.contrast < LEAST_CONTRAST:
            message = _("Contrast is %(found).1f to 1; %(least).1f is the least.")
            told = message % {"found": part.contrast, "least": LEAST_CONTRAST}
            yield Finding("L18", "stop", told, name)
    sizes = {".ask-box": look.box} | {name: part.pixels for name, part in answers.items()}
    for name, pixels in sizes.items():
        if pixels < LEAST_PIXELS:
            message = _("A control is %(found).0f pixels high; %(least)s is the least.")
            told = message % {"found": pixels, "least": LEAST_PIXELS}
            yield Finding("L18", "stop", told, name)
    for name in look.hidden:
        yield Finding("L18", "stop", _("A control cannot be reached, or seen, with the keyboard."), name)


def hidden_optout(case: Case) -> Iterator[Finding]:
    """L20: the customer's no stands on the form, not in the privacy notice (mfl § 15(3), ePD 13(2))."""
    way = case.spec.layout.optout
    if way == "notice" or (case.claims_optout and way != "control"):
        message = _("Customers' way to say no to similar offers is not on the form itself.")
        yield Finding("L20", "stop", message, "layout.optout")
    for code, words, _asks in case.languages():
        if way == "control" and not words.optout:
            message = _("The customer's no has no words in this language.")
            yield Finding("L20", "stop", message, f"{code}.optout")


CHECKS: tuple[Check, ...] = (
    preselected,
    unequal,
    further_away,
    demanded,
    bundled,
    harder_to_leave,
    hard_to_see,
    hidden_optout,
)
