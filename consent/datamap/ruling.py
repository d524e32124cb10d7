"""The country rules and the house's policy as a table, and the one field by which one becomes stricter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent import gather
from consent.models import RuleOverride
from consent.rules import (
    APPROACHES,
    COUNTRIES,
    RELATIONS,
    STRICTER_COUNTRY,
    STRICTER_POLICY,
    UNKNOWN,
    Rules,
)

POLICY = "policy"
Label = str | Promise
COUNTRY_RULES: Mapping[str, Label] = {
    "min_age": gettext_lazy("Own yes from the age of"),
    "doi": gettext_lazy("Web forms are confirmed by mail"),
    "soft": gettext_lazy("Customers may get own similar offers without a yes"),
    "relation": gettext_lazy("Who is a customer"),
    "soft_months": gettext_lazy("Months after the last purchase"),
    "legal_person_optout": gettext_lazy("Company mailboxes without a yes"),
    "phone": gettext_lazy("Calls"),
    "post": gettext_lazy("Letters"),
    "register_customer_exception": gettext_lazy("Customers on the register may be called"),
}
POLICY_RULES: Mapping[str, Label] = {
    "unused_lapse_months": gettext_lazy("A yes lapses, unused, after months"),
    "soft_min_age": gettext_lazy("Own similar offers from the age of"),
    "free_account_is_sale": gettext_lazy("A free account counts as a purchase"),
    "weekly_cap": gettext_lazy("Messages a week at most"),
    "sms_weekly_cap": gettext_lazy("SMS a week at most"),
    "quiet_start": gettext_lazy("SMS and calls from (hour)"),
    "quiet_end": gettext_lazy("SMS and calls until (hour)"),
    "sms_on_sunday": gettext_lazy("SMS on Sundays"),
    "skew_minutes": gettext_lazy("Minutes a source's clock may run ahead"),
}
WORDS: Mapping[Any, Label] = {
    True: gettext_lazy("Yes"),
    False: gettext_lazy("No"),
    None: gettext_lazy("as long as it lasts"),
    "sale": gettext_lazy("whoever bought"),
    "ongoing": gettext_lazy("subscribers and members"),
    "optout": gettext_lazy("until they say no"),
    "optout_register": gettext_lazy("until they say no, and not on the register"),
    "consent": gettext_lazy("with a yes"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One rule of one place as it holds. `shipped` is Foyer's own where the house is stricter."""

    place: str
    name: str
    words: str
    shipped: str = ""
    set_by: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    label: Label
    cells: list[Cell]


def words(value: Any) -> str:
    known = None if isinstance(value, int) and not isinstance(value, bool) else WORDS.get(value)
    return str(known) if known else str(value)


def places() -> list[str]:
    return list(COUNTRIES)


def rows() -> list[Row]:
    """Country rules, a column a country."""
    return _rows(COUNTRY_RULES, places())


def policy() -> list[Row]:
    return _rows(POLICY_RULES, [POLICY])


def _rows(labels: Mapping[str, Label], columns: list[str]) -> list[Row]:
    rules = gather.house().rules
    own = {(rule.place, rule.name): rule for rule in RuleOverride.objects.all()}
    return [
        Row(name, label, [_cell(place, name, rules, own.get((place, name))) for place in columns])
        for name, label in labels.items()
    ]


def _cell(place: str, name: str, rules: Rules, own: RuleOverride | None) -> Cell:
    now, shipped = getattr(_of(rules, place), name), getattr(_of(Rules(), place), name)
    changed = words(shipped) if now != shipped else ""
    return Cell(place, name, words(now), changed, own.set_by if own and changed else "")


def _of(rules: Rules, place: str) -> Any:
    return rules.policy if place == POLICY else rules.countries[place]


def is_settable(place: str, name: str) -> bool:
    gates = STRICTER_POLICY if place == POLICY else STRICTER_COUNTRY
    known = POLICY_RULES if place == POLICY else COUNTRY_RULES
    return (place == POLICY or place in COUNTRIES) and name in gates and name in known


class TightenForm(forms.Form):
    """One rule of one place: only what is as strict as Foyer's own rule, or stricter, can be chosen."""

    def __init__(self, *args: Any, place: str, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place, self.name = place, name
        labels = POLICY_RULES if place == POLICY else COUNTRY_RULES
        shipped = getattr(_of(Rules(), place), name)
        now = getattr(_of(gather.house().rules, place), name)
        self.fields["value"] = _field(place, name, shipped, now, str(labels[name]))


def _field(place: str, name: str, shipped: Any, now: Any, label: str) -> forms.Field:
    if isinstance(shipped, bool) or shipped in (*APPROACHES, *RELATIONS):
        options = [each for each in _scale(shipped) if not _is_laxer(place, name, shipped, each)]
        return forms.TypedChoiceField(
            label=label,
            choices=[(str(each), words(each)) for each in options],
            coerce=lambda given: next(each for each in options if str(each) == given),
            initial=str(now),
        )
    larger = _gates(place)[name](1, 2) == 2
    limits = {"min_value": shipped, "max_value": 99} if larger else {"min_value": 1, "max_value": shipped}
    help_text = _("Foyer's own: %(value)s.") % {"value": words(shipped)}
    return forms.IntegerField(label=label, initial=now, help_text=help_text, **limits)


def _scale(shipped: Any) -> tuple[Any, ...]:
    if isinstance(shipped, bool):
        return True, False
    return APPROACHES if shipped in APPROACHES else RELATIONS


def _gates(place: str) -> Mapping[str, Any]:
    return STRICTER_POLICY if place == POLICY else STRICTER_COUNTRY


def _is_laxer(place: str, name: str, shipped: Any, value: Any) -> bool:
    return bool(_gates(place)[name](shipped, value) != value)


def place_label(place: str, names: Mapping[str, Label]) -> str:
    if place == UNKNOWN:
        return _("Not known")
    return str(names.get(place, place))
