"""Taking in a register's file, and asking for the house's own numbers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cdp.lib import clock
from consent.models.keeping import OptOutRegister
from consent.registers.washing import PREFIX


class UploadForm(forms.Form):
    register = forms.ChoiceField(label=_("Register"), choices=OptOutRegister.choices)
    month = forms.DateField(
        label=_("Month"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Any day of the month that the file is of."),
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "As the register delivers it, or washed: text or CSV with numbers, or with names and addresses."
        ),
    )

    def clean_month(self) -> Any:
        month = self.cleaned_data["month"]
        if month > clock.now().date():
            raise forms.ValidationError(_("This month has not come yet."))
        return month


class NumbersForm(forms.Form):
    country = forms.ChoiceField(label=_("Numbers of"), choices=[(key, key) for key in PREFIX])
    reason = forms.CharField(
        label=_("What it is for"),
        min_length=5,
        max_length=200,
        help_text=_("Kept in the audit log with your name."),
    )
