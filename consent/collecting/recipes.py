"""Where a form can start from: a newsletter box, a choice of yes and no, a checkout, a youth card.

Each comes in every language of the public pages, in plain words that name the house, the channel, the
pace and the way back: what the linter asks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.collecting.spec import Control, Layout, Spec, Words
from consent.facts import NEWSLETTER
from consent.models import ConsentText
from consent.verbs import add_text
from organisations.models import User

PACE = 4
"""Messages a month that the suggested words promise at most."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """`channels` are asked for one by one; `control` is a `ConsentText.Control`."""

    key: str
    name: Promise
    help: Promise
    control: str = ConsentText.Control.UNTICKED_BOX
    channels: tuple[str, ...] = ("email",)
    layout: Layout = field(default_factory=Layout)
    is_youth: bool = False


RECIPES = (
    Recipe("newsletter", _("Newsletter, one box"), _("An e-mail address, and a box that is empty at first.")),
    Recipe(
        "choice",
        _("Newsletter, yes or no"),
        _("Two equal answers. A no is heard too, and closes."),
        ConsentText.Control.RADIO_YES_NO,
    ),
    Recipe(
        "buttons",
        _("Newsletter, two buttons"),
        _("One press answers: yes and no of the same size."),
        ConsentText.Control.BUTTON,
    ),
    Recipe(
        "checkout",
        _("Checkout, with a way to decline"),
        _("E-mail and SMS each with their own box, and the customer's no to offers like what was bought."),
        channels=("email", "sms"),
        layout=Layout(optout="control"),
    ),
    Recipe(
        "youth",
        _("Youth card"),
        _("Asks for the date of birth; below the country's age a guardian confirms."),
        layout=Layout(birth_date=True, guardian=True, name=True),
        is_youth=True,
    ),
)

WORDS: Mapping[str, Mapping[str, str]] = {
    "nb": {
        "heading": "Nyheter fra {house}",
        "submit": "Send",
        "withdrawal": "Du kan trekke samtykket tilbake når som helst, med lenken i hver melding.",
        "email": "Ja takk, send meg nyheter og tilbud fra {house} på e-post, høyst {pace} ganger i måneden.",
        "sms": "Ja takk, send meg nyheter og tilbud fra {house} på SMS, høyst {pace} ganger i måneden.",
        "yes": "Ja takk",
        "no": "Nei takk",
        "optout": "Nei takk til tilbud fra {house} som ligner på det jeg kjøper.",
        "thanks": "Takk. Vi har notert svaret ditt.",
    },
    "da": {
        "heading": "Nyheder fra {house}",
        "submit": "Send",
        "withdrawal": "Du kan trække samtykket tilbage når som helst, med linket i hver besked.",
        "email": "Ja tak, send mig nyheder og tilbud fra {house} på e-mail, højst {pace} gange om måneden.",
        "sms": "Ja tak, send mig nyheder og tilbud fra {house} på SMS, højst {pace} gange om måneden.",
        "yes": "Ja tak",
        "no": "Nej tak",
        "optout": "Nej tak til tilbud fra {house}, der ligner det, jeg køber.",
        "thanks": "Tak. Vi har noteret dit svar.",
    },
    "sv": {
        "heading": "Nyheter från {house}",
        "submit": "Skicka",
        "withdrawal": "Du kan återkalla ditt samtycke när som helst, med länken i varje meddelande.",
        "email": (
            "Ja tack, skicka nyheter och erbjudanden från {house} via e-post, högst {pace} gånger i månaden."
        ),
        "sms": "Ja tack, skicka nyheter och erbjudanden från {house} via SMS, högst {pace} gånger i månaden.",
        "yes": "Ja tack",
        "no": "Nej tack",
        "optout": "Nej tack till erbjudanden från {house} som liknar det jag köper.",
        "thanks": "Tack. Vi har noterat ditt svar.",
    },
    "nl": {
        "heading": "Nieuws van {house}",
        "submit": "Verstuur",
        "withdrawal": "Je kunt je toestemming op elk moment intrekken, met de link in elk bericht.",
        "email": (
            "Ja graag, stuur mij nieuws en aanbiedingen van {house} per e-mail, "
            "hooguit {pace} keer per maand."
        ),
        "sms": (
            "Ja graag, stuur mij nieuws en aanbiedingen van {house} per sms, hooguit {pace} keer per maand."
        ),
        "yes": "Ja graag",
        "no": "Nee bedankt",
        "optout": "Nee bedankt, geen aanbiedingen van {house} die lijken op wat ik koop.",
        "thanks": "Bedankt. We hebben je antwoord genoteerd.",
    },
    "de": {
        "heading": "Neues von {house}",
        "submit": "Senden",
        "withdrawal": "Sie können Ihre Einwilligung jederzeit widerrufen, mit dem Link in jeder Nachricht.",
        "email": (
            "Ja bitte, senden Sie mir Neues und Angebote von {house} per E-Mail, "
            "höchstens {pace} Mal im Monat."
        ),
        "sms": (
            "Ja bitte, senden Sie mir Neues und Angebote von {house} per SMS, höchstens {pace} Mal im Monat."
        ),
        "yes": "Ja bitte",
        "no": "Nein danke",
        "optout": "Nein danke, keine Angebote von {house}, die meinem Kauf ähneln.",
        "thanks": "Danke. Wir haben Ihre Antwort notiert.",
    },
    "en": {
        "heading": "News from {house}",
        "submit": "Send",
        "withdrawal": "You can take your consent back at any time, with the link in every message.",
        "email": "Yes please, send me news and offers from {house} by e-mail, at most {pace} times a month.",
        "sms": (
            "Yes please, send me news and offers from {house} by text message, at most {pace} times a month."
        ),
        "yes": "Yes please",
        "no": "No thanks",
        "optout": "No thanks to offers from {house} like what I buy.",
        "thanks": "Thank you. We have noted your answer.",
    },
}


def find(key: str) -> Recipe:
    return next((recipe for recipe in RECIPES if recipe.key == key), RECIPES[0])


def spec_of(recipe: Recipe, languages: Sequence[str], *, registrar: User | None) -> Spec:
    """A spec with registered words; missing ones are registered in the name of `registrar`.

    Without a registrar a question without words is left open, for whoever may register them.
    """
    return Spec(
        locales={code: language(recipe, code, registrar=registrar) for code in languages},
        layout=recipe.layout,
    )


def language(recipe: Recipe, code: str, *, registrar: User | None) -> Words:
    told = {name: words.format(house=_house(), pace=PACE) for name, words in WORDS[code].items()}
    both = recipe.control != ConsentText.Control.UNTICKED_BOX
    controls = [
        Control(
            text=_text(recipe, code, channel, told[channel], registrar),
            yes=told["yes"] if both else "",
            no=told["no"] if both else "",
        )
        for channel in recipe.channels
    ]
    optout = told["optout"] if recipe.layout.optout == "control" else ""
    names = ("heading", "submit", "withdrawal", "thanks")
    return Words(**{name: told[name] for name in names}, optout=optout, controls=tuple(controls))


def _house() -> str:
    return str(connection.tenant.name)  # type: ignore[attr-defined]


def _text(recipe: Recipe, code: str, channel: str, body: str, registrar: User | None) -> int:
    """The newest registered words for this, else new ones; 0 where nobody may register any."""
    same = ConsentText.objects.filter(
        locale=code, control=recipe.control, purposes=[NEWSLETTER], channels=[channel], consenttext=None
    )
    found = same.order_by("-valid_from").first()
    if found is None and registrar is not None:
        found = add_text(
            actor=registrar,
            name=f"newsletter-{channel}-{recipe.control.replace('_', '-')}",
            body=body,
            purposes=[NEWSLETTER],
            channels=[channel],
            locale=code,
            control=recipe.control,
            controllers=[_house()],
            promised_per_month=PACE,
        )
    return found.pk if found else 0
