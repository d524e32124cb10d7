import datetime as dt
import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from organisations import scopes
from organisations.models import Organisation, User
from organisations.roles import ROLE_HELP, Role
from organisations.validators import validate_schema_name
from organisations.verbs import schema_name_for

COUNTRIES = [
    ("NO", _("Norway")),
    ("DK", _("Denmark")),
    ("SE", _("Sweden")),
    ("NL", _("Netherlands")),
    ("DE", _("Germany")),
    ("FI", _("Finland")),
    ("BE", _("Belgium")),
    ("AT", _("Austria")),
    ("CH", _("Switzerland")),
    ("IE", _("Ireland")),
    ("GB", _("United Kingdom")),
]
TIME_ZONES = sorted(zone for zone in zoneinfo.available_timezones() if zone.startswith("Europe/"))


class NewPasswordField(forms.CharField):
    """One field, not two: a mistyped password is what the reset link is for."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Password"),
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            help_text=_("At least 12 characters. A few unrelated words make a good one."),
        )


class NewUserForm(forms.Form):
    """Name and password of somebody whose address is known already."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )
    password = NewPasswordField()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if password := data.get("password"):
            user = User(name=data.get("name", ""), email=self.address())
            try:
                validate_password(password, user)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data

    def address(self) -> str:
        return str(self.cleaned_data.get("email", ""))


class InvitedForm(NewUserForm):
    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        self.email = email
        super().__init__(*args, **kwargs)

    def address(self) -> str:
        return self.email


class FirstUserForm(NewUserForm):
    field_order = ("name", "email", "password")
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput({"autocomplete": "email"}))


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput({"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.MARKETER)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, widget=forms.RadioSelect)

    def options(self) -> list[dict[str, Any]]:
        """The roles as cards, with what each may do."""
        return [
            {
                "value": role.value,
                "label": role.label,
                "help": ROLE_HELP[role],
                "checked": self["role"].value() == role,
            }
            for role in Role
        ]


class TokenForm(forms.Form):
    LIVES = (
        ("30", _("30 days")),
        ("90", _("90 days")),
        ("365", _("One year")),
        ("0", _("Until it is revoked")),
    )

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Which system uses it, such as “Web shop”.")
    )
    scopes = forms.MultipleChoiceField(label=_("It may"), widget=forms.CheckboxSelectMultiple)
    days = forms.ChoiceField(label=_("Valid for"), choices=LIVES, initial="365")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = list(scopes.labels().items())  # type: ignore[attr-defined]

    def expires_at(self) -> dt.datetime | None:
        days = int(self.cleaned_data["days"])
        return timezone.now() + dt.timedelta(days=days) if days else None


class OrganisationForm(forms.ModelForm[Organisation]):
    country = forms.ChoiceField(
        label=_("Country"), choices=COUNTRIES, help_text=_("Whose rules on marketing apply.")
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[(zone, zone) for zone in TIME_ZONES],
        help_text=_("Runs are scheduled in this zone's own time, summer and winter."),
    )
    language = forms.ChoiceField(label=_("Language of mails to members"))

    class Meta:
        model = Organisation
        fields = ("name", "country", "time_zone", "language", "two_factor_required")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = settings.LANGUAGES  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """On one line: it stands in the subject of mails, where a second one would stop them all."""
        return " ".join(str(self.cleaned_data["name"]).split())


PLAIN = str.maketrans({"ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ß": "ss", "ð": "d", "þ": "th"})
"""Letters that are no letter with a mark on it, which is all that slugify takes apart."""


class NewOrganisationForm(OrganisationForm):
    field_order = ("name", "slug", "country", "time_zone", "language", "administrator")
    administrator = forms.EmailField(
        label=_("First administrator's e-mail"),
        help_text=_("Gets an invitation. Give your own address to become its administrator yourself."),
        widget=forms.EmailInput({"autocomplete": "off"}),
    )

    class Meta(OrganisationForm.Meta):
        fields = ("name", "slug", "country", "time_zone", "language")
        help_texts = {"slug": _("Used in web addresses. Empty: made from the name. Cannot be changed later.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False

    def clean_slug(self) -> str:
        slug: str = slugify(
            self.cleaned_data["slug"] or str(self.cleaned_data.get("name", "")).translate(PLAIN)
        )
        if not slug:
            raise forms.ValidationError(_("Give it a short name of letters and digits."))
        validate_schema_name(schema_name_for(slug))
        if Organisation.objects.filter(schema_name=schema_name_for(slug)).exists():
            raise forms.ValidationError(_("This short name is taken."))
        return slug


class AccountForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("name",)


class AuditFilter(forms.Form):
    verb = forms.ChoiceField(label=_("What"), required=False)
    person = forms.ChoiceField(label=_("Who"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))
    q = forms.CharField(label=_("On what"), required=False, max_length=200)

    def __init__(
        self, *args: Any, verbs: list[tuple[str, Any]], people: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verb"].choices = [("", _("Everything")), *verbs]  # type: ignore[attr-defined]
        self.fields["person"].choices = [("", _("Everybody")), *people]  # type: ignore[attr-defined]
