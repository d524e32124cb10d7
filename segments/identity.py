"""Which segments a person leaves and joins by being merged or taken apart: today the three baskets."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from consent.models import Basket, ContactAnswer
from profiles.identity import consequences
from profiles.identity.consequences import Consequence, Line, Records, Tone

TONES: dict[str, Tone] = {Basket.MARKETING: "good", Basket.NONE: "bad"}


@dataclass(frozen=True, slots=True)
class Place:
    subject: str
    basket: str


Places = dict[tuple[int, str], Place]


def look(records: Records) -> Places:
    """The basket of every contact point that these records show, as decided last."""
    shown = ContactAnswer.objects.filter(identifier__recordidentifier__record__in=list(records)).distinct()
    return {
        (pk, channel): Place(value, basket)
        for pk, channel, value, basket in shown.values_list(
            "identifier", "channel", "identifier__value", "basket"
        )
    }


def compare(before: Places, after: Places) -> list[Line]:
    """What is lost and gained; who stays where they were is left out."""
    return [
        Line(
            subject=(after.get(key) or before[key]).subject,
            what=_("Basket"),
            before=Basket(_basket(before.get(key))).label,
            after=Basket(_basket(after.get(key))).label,
            tone=TONES.get(_basket(after.get(key)), ""),
            icon="filter",
        )
        for key in sorted(before.keys() | after.keys())
        if _basket(before.get(key)) != _basket(after.get(key))
    ]


def _basket(place: Place | None) -> str:
    """Who was never decided about is in none."""
    return place.basket if place else Basket.NONE.value


def register() -> None:
    consequences.register(
        Consequence("segments", _("Segments"), "filter", look=look, compare=compare, position=20)
    )
