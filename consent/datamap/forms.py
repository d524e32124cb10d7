"""What the privacy lead fills in: the controller, a balancing test, a source's owner, an alert's note."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.balancing import BY_INTEREST
from consent.models import BalancingTest, Channel, PrivacySettings, Purpose
from profiles.models import Source
from profiles.purposes import Purpose as LookingFor


class SettingsForm(forms.ModelForm[PrivacySettings]):
    privacy_url = forms.URLField(label=_("Privacy notice"), required=False, assume_scheme="https")

    class Meta:
        model = PrivacySettings
        fields = (
            "legal_name",
            "address",
            "contact_email",
            "contact_phone",
            "officer",
            "privacy_url",
            "confirm_always",
            "book_of_record",
        )


class TestForm(forms.ModelForm[BalancingTest]):
    """The parts of CONSENT.md 2.14; every one has to be answered."""

    channel = forms.ChoiceField(
        label=_("Channel"),
        required=False,
        choices=[
            ("", _("Calls and letters")),
            *((key, label) for key, label in Channel.choices if key in BY_INTEREST),
        ],
    )

    class Meta:
        model = BalancingTest
        fields = (
            "name",
            "purpose",
            "channel",
            "interest",
            "necessity",
            "expectation",
            "data",
            "children",
            "safeguards",
            "result",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].queryset = Purpose.objects.exclude(  # type: ignore[attr-defined]
            legal_ground=Purpose.Ground.CONTRACT
        )
        for name in ("interest", "necessity", "expectation", "data", "children", "safeguards", "result"):
            self.fields[name].widget = forms.Textarea({"rows": 3})


class SourceForm(forms.ModelForm[Source]):
    class Meta:
        model = Source
        fields = ("owner", "purpose")


class SeenForm(forms.Form):
    alert = forms.IntegerField()
    note = forms.CharField(max_length=240, required=False)


class LookPurposeForm(forms.Form):
    role = forms.CharField(max_length=20)
    purpose = forms.ChoiceField(
        choices=[("", _("Must be picked first")), *LookingFor.choices], required=False
    )
