"""What is asked before a test of a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consent import names
from consent.experiments import planning
from consent.models import ConsentForm, ConsentText, FormVersion

USUAL_SHARE = 30
LIFTS = [
    ("1", _("1 point")),
    ("2", _("2 points")),
    ("3", _("3 points")),
    ("5", _("5 points")),
    ("10", _("10 points")),
]


class TestForm(forms.Form):
    """A new test of one form: which versions, counted how, and how fine a difference matters."""

    name = forms.CharField(
        label=_("What do you want to find out?"),
        max_length=120,
        help_text=_("Such as: does a shorter introduction ask better?"),
    )
    versions = forms.ModelMultipleChoiceField(
        label=_("Try these versions beside the live one"),
        queryset=FormVersion.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They may differ in words, order, layout and moment, and in nothing else."),
    )
    question = forms.ChoiceField(label=_("What counts is a yes to"))
    share = forms.IntegerField(
        label=_("How many in 100 say yes today"), min_value=1, max_value=99, widget=forms.NumberInput()
    )
    lift = forms.ChoiceField(
        label=_("The smallest difference worth finding"),
        choices=LIFTS,
        help_text=_("Half of it takes four times as many people."),
    )

    def __init__(self, *args: Any, form: ConsentForm, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form = form
        others = form.versions.filter(published_at=None)
        self.fields["versions"].queryset = others  # type: ignore[attr-defined]
        self.fields["versions"].label_from_instance = describe  # type: ignore[attr-defined]
        self.fields["question"].choices = questions(form)  # type: ignore[attr-defined]

    @classmethod
    def of(cls, form: ConsentForm, data: Any = None) -> TestForm:
        known = planning.traffic(form).share
        share = min(max(round(100 * known), 1), 99) if known is not None else USUAL_SHARE
        return cls(data, form=form, initial={"share": share, "lift": "3"})

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "share" in given and "lift" in given and given["share"] + int(given["lift"]) > 100:
            raise forms.ValidationError(_("More than everybody cannot say yes: choose a smaller difference."))
        return given

    def facts(self) -> dict[str, Any]:
        """For `verbs.draft`."""
        given = self.cleaned_data
        purpose, _slash, channel = given["question"].partition("/")
        return {
            "name": given["name"],
            "versions": list(given["versions"]),
            "purpose": purpose,
            "channel": channel,
            "expected_share": given["share"] / 100,
            "smallest_lift": int(given["lift"]) / 100,
        }


def describe(version: FormVersion) -> str:
    """A version by its number and the heading in the form's own language."""
    locales = version.spec.get("locales", {})
    words: dict[str, Any] = locales.get(version.form.locale) or next(iter(locales.values()), {})
    heading = str(words.get("heading", ""))
    label = _("Version %(n)s") % {"n": version.number}
    return f"{label}: {heading}" if heading else str(label)


def questions(form: ConsentForm) -> list[tuple[str, str]]:
    """Each purpose and channel that the form's live version asks for."""
    live = form.versions.filter(published_at__isnull=False, retired_at=None).first()
    locales = live.spec.get("locales", {}) if live else {}
    ids = [each["text"] for words in locales.values() for each in words.get("controls", [])]
    texts = ConsentText.objects.in_bulk(ids).values()
    asked = {(purpose, channel) for text in texts for purpose in text.purposes for channel in text.channels}
    return [
        (f"{purpose}/{channel}", f"{names.purpose(purpose)}, {names.channel(channel)}")
        for purpose, channel in sorted(asked)
    ]


class PromoteForm(forms.Form):
    """Which variant wins, and why in spite of what speaks against it."""

    variant = forms.CharField(max_length=20)
    reason = forms.CharField(required=False, max_length=240)
