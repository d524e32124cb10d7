"""What somebody fills in on the public pages: an address to send the link to, and a request."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.models import RightsRequest
from profiles import normalise

KINDS = [
    (RightsRequest.Kind.ACCESS, _("See what you hold about me")),
    (RightsRequest.Kind.PORTABILITY, _("Get my data as a file to take along")),
    (RightsRequest.Kind.RECTIFICATION, _("Have something corrected")),
    (RightsRequest.Kind.RESTRICTION, _("Have my data locked while something is sorted out")),
    (RightsRequest.Kind.OBJECTION, _("Object to a use of my data")),
    (RightsRequest.Kind.ERASURE, _("Be forgotten")),
]


class AskForm(forms.Form):
    email = forms.CharField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"required": _("Write your e-mail address.")},
    )

    def clean_email(self) -> str:
        try:
            found = normalise.email(self.cleaned_data["email"])
        except normalise.Unusable:
            found = ""
        if not found:
            raise forms.ValidationError(_("This is not an e-mail address."))
        return found


class RightsForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What do you want?"),
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what you want."),
            "invalid_choice": _("Choose what you want."),
        },
    )
    letter = forms.CharField(
        label=_("Anything we should know"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("For example what is wrong, or which use you object to."),
    )

    def chosen(self) -> str:
        return str(dict(KINDS)[self.cleaned_data["kind"]])
