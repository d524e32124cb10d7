"""The questions about a collection point, a consent text, and what staff note."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consent import names
from consent.models import Channel, CollectionPoint, ConsentText
from consent.verbs import Meaning

ASKABLE = [(key, names.PURPOSES[key]) for key in names.ASKABLE]


def yes_or_no(label: Any, help_text: Any, no: Any, yes: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        help_text=help_text,
        choices=[("False", no), ("True", yes)],
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
    )


class PointForm(forms.Form):
    """What a yes, and a no, means at one collection point."""

    purposes = forms.MultipleChoiceField(
        label=_("A yes here is to"), choices=ASKABLE, widget=forms.CheckboxSelectMultiple
    )
    channels = forms.MultipleChoiceField(
        label=_("By"), choices=Channel.choices, widget=forms.CheckboxSelectMultiple
    )
    wording = forms.CharField(
        label=_("The words beside the box"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Copied from the checkout or form, exactly as people read them."),
    )
    text = forms.ModelChoiceField(
        label=_("Registered text"),
        queryset=ConsentText.objects.none(),
        required=False,
        empty_label=_("None"),
        help_text=_(
            "Only with a registered text does a tick on an order count as proof of the highest grade, "
            "which can lift an earlier no."
        ),
    )
    kind = forms.ChoiceField(
        label=_("How answers arrive"), choices=CollectionPoint.Kind.choices, widget=forms.RadioSelect
    )
    preticked = yes_or_no(
        _("Was the box ticked beforehand?"),
        _("A box that was ticked beforehand is no consent."),
        _("No, people ticked it themselves"),
        _("Yes"),
    )
    no_is_explicit = yes_or_no(
        _("What does “No” mean?"),
        _("Only a refusal is a withdrawal. A box left empty is silence."),
        _("The box was left empty"),
        _("The person refused"),
    )
    optout_offered = forms.ChoiceField(
        label=_("Could buyers say no when they gave their address?"),
        choices=CollectionPoint.Answer.choices,
        widget=forms.RadioSelect,
        help_text=_("An empty “yes please” box is not an offer to say no."),
    )
    contract_party = forms.ChoiceField(
        label=_("The buyer's contract is"), choices=CollectionPoint.Party.choices, widget=forms.RadioSelect
    )
    sales_channel = forms.CharField(
        label=_("Only this sales channel"),
        required=False,
        help_text=_("As the source's orders name it. Empty: all of them."),
    )
    valid_from = forms.DateTimeField(
        label=_("Asked like this from"), required=False, widget=forms.DateInput({"type": "date"})
    )
    valid_to = forms.DateTimeField(label=_("Until"), required=False, widget=forms.DateInput({"type": "date"}))
    last_written_at = forms.DateTimeField(
        label=_("These people were last written to"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text=_("A yes that nobody used for two years lapses. Say when this list was last used."),
    )
    checked = forms.BooleanField(
        label=_("I have checked this at the place where people are asked"),
        help_text=_("Your name and today's date are kept with it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].queryset = ConsentText.objects.all()  # type: ignore[attr-defined]

    @classmethod
    def of(cls, point: CollectionPoint) -> PointForm:
        initial = {name: getattr(point, name) for name in Meaning.__dataclass_fields__}
        for name in ("valid_from", "valid_to", "last_written_at"):
            initial[name] = initial[name].date().isoformat() if initial[name] else None
        return cls(initial=initial)

    def meaning(self) -> Meaning:
        given = {name: self.cleaned_data[name] for name in Meaning.__dataclass_fields__}
        lists = {name: tuple(given[name]) for name in ("purposes", "channels")}
        return Meaning(**given | lists)


class TextForm(forms.Form):
    """A consent text, or its next version."""

    name = forms.SlugField(
        label=_("Short name"), max_length=60, help_text=_("The same name again makes the next version.")
    )
    locale = forms.ChoiceField(
        label=_("Language"),
        choices=[
            ("nb", "Bokmål"),
            ("da", "Dansk"),
            ("sv", "Svenska"),
            ("nl", "Nederlands"),
            ("de", "Deutsch"),
            ("en", "English"),
        ],
    )
    body = forms.CharField(
        label=_("Words"),
        widget=forms.Textarea({"rows": 5}),
        help_text=_("Exactly as people read them. A text is never changed afterwards."),
    )
    control = forms.ChoiceField(label=_("Control"), choices=ConsentText.Control.choices)
    purposes = forms.MultipleChoiceField(
        label=_("Asks for"), choices=ASKABLE, widget=forms.CheckboxSelectMultiple
    )
    covers = forms.MultipleChoiceField(
        label=_("The words also cover"),
        choices=ASKABLE,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("“News and offers” covers your own offers too."),
    )
    channels = forms.MultipleChoiceField(
        label=_("By"), choices=Channel.choices, widget=forms.CheckboxSelectMultiple
    )
    promised_per_month = forms.IntegerField(
        label=_("Promised at most a month"), required=False, min_value=1, max_value=100
    )
    withdrawal_told = forms.BooleanField(label=_("It says how to take the yes back"), required=False)
