"""The form of a connection, made from its connector's fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations import connecting
from integrations.addresses import checked_base
from integrations.connectors import Connector, Field, Preset
from integrations.errors import ConfigurationError
from integrations.models import ApplyMode, Connection
from organisations.models import Organisation, User
from profiles.models import Source

WEEKDAYS = (
    (1, _("Monday")),
    (2, _("Tuesday")),
    (3, _("Wednesday")),
    (4, _("Thursday")),
    (5, _("Friday")),
    (6, _("Saturday")),
    (7, _("Sunday")),
)
PREFIX = "setting_"


def form_field(declared: Field, *, stored: bool) -> forms.Field:
    """`stored`: a value is there already, so a secret may be left empty to keep it."""
    keeps = declared.secret and stored
    common: dict[str, Any] = {
        "label": declared.label,
        "help_text": _("Stored. Leave empty to keep it.") if keeps else declared.help,
        "required": declared.required and not (keeps or declared.only_if) and declared.kind != "boolean",
    }
    if declared.kind == "secret" or declared.secret:
        attributes = {"autocomplete": "off", "spellcheck": "false"}
        return forms.CharField(widget=forms.PasswordInput(attributes), strip=True, **common)
    if declared.kind == "choice":
        return forms.ChoiceField(choices=list(declared.choices), **common)
    kinds: dict[str, type[forms.Field]] = {
        "integer": forms.IntegerField,
        "boolean": forms.BooleanField,
        "json": forms.JSONField,
    }
    return kinds.get(declared.kind, forms.CharField)(**common)


def _shown_only_if(field: forms.Field, declared: Field) -> None:
    """The page hides it while another choice is made; static/js/foyer.js reads this."""
    if declared.only_if:
        rules = {PREFIX + key: list(values) for key, values in declared.only_if.items()}
        field.widget.attrs["data-only-if"] = json.dumps(rules)
        if declared.required:
            field.widget.attrs["data-needed"] = ""


class ConnectionForm(forms.Form):
    """Name, what the connector asks for, and when it runs."""

    name = forms.CharField(label=_("Name"), max_length=120)
    source = forms.ModelChoiceField(
        label=_("Source of people"),
        queryset=Source.objects.none(),
        required=False,
        empty_label=_("A new source of its own"),
        help_text=_("Two connections to the same system share one source."),
    )
    source_kind = forms.ChoiceField(label=_("What kind of system it is"), choices=Source.Kind.choices)
    schedule_time = forms.TimeField(
        label=_("Every day at"),
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=_("On the clock of your organisation."),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On"),
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: it only runs when somebody starts it."),
    )
    after_sources = forms.BooleanField(
        label=_("Wait for the morning's sources"),
        required=False,
        help_text=_("At most an hour; then it goes ahead and says so."),
    )
    apply_mode = forms.ChoiceField(label=_("Before it sends"), choices=ApplyMode.choices, required=False)

    def __init__(
        self,
        *args: Any,
        connector: type[Connector],
        connection: Connection | None = None,
        preset: Preset | None = None,
        **kwargs: Any,
    ) -> None:
        self.connector, self.connection, self.preset = connector, connection, preset
        super().__init__(*args, **{**kwargs, "initial": self._start()})
        known = set(connection.secrets) if connection else set()
        for declared in connector.fields:
            made = form_field(declared, stored=declared.key in known)
            _shown_only_if(made, declared)
            self.fields[PREFIX + declared.key] = made
        self._shape()

    def _start(self) -> dict[str, Any]:
        """What the form shows at first. Secrets are never among it."""
        connection, preset = self.connection, self.preset
        config = {field.key: field.default for field in self.connector.fields}
        config |= dict(preset.config) if preset else {}
        config |= connection.config if connection else {}
        at = connection or Connection()
        shown = {
            PREFIX + field.key: config.get(field.key) for field in self.connector.fields if not field.secret
        }
        return shown | {
            "name": at.name or self._suggested_name(),
            "source_kind": self.connector.source_kind,
            "schedule_time": at.schedule_time,
            "weekdays": at.weekdays,
            "after_sources": at.after_sources if connection else bool(self.connector.writes),
            "apply_mode": at.apply_mode if connection else ApplyMode.ASK,
        }

    def _suggested_name(self) -> str:
        """A kind of file is no name of a system: whoever connects one says what it is."""
        if self.preset:
            return str(self.preset.name)
        return "" if self.connector.presets else str(self.connector.name)

    def _shape(self) -> None:
        """Leaves out what does not apply."""
        if self.connection:
            del self.fields["source"], self.fields["source_kind"]
        else:
            source = self.fields["source"]
            assert isinstance(source, forms.ModelChoiceField)
            source.queryset = Source.objects.all()
        if not self.connector.writes:
            del self.fields["after_sources"], self.fields["apply_mode"]

    def clean(self) -> dict[str, Any]:
        """A stored secret goes to no other address than the one it was entered for: whoever may change
        the address could otherwise read it there."""
        data = super().clean() or {}
        if self.connection and self._leads_elsewhere(self.connection.config, data):
            for declared in self.connector.fields:
                if declared.secret and declared.key in self.connection.secrets:
                    self._insist_on(PREFIX + declared.key)
        if not self.connector.comes_by_itself(self._typed_config(data)):
            data["weekdays"] = []
        self._insist_on_what_is_shown(data)
        self._check_addresses(data)
        return data

    def _check_addresses(self, data: Mapping[str, Any]) -> None:
        """An address that no call would ever be made to is not kept, nor shown as a link."""
        for declared in self.connector.fields:
            typed = data.get(PREFIX + declared.key) if declared.kind == "url" else ""
            if typed and declared.applies(self._typed_config(data)):
                try:
                    checked_base(typed)
                except ConfigurationError as error:
                    self.add_error(PREFIX + declared.key, str(error))

    def _typed_config(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {field.key: data.get(PREFIX + field.key) for field in self.connector.fields}

    def _insist_on_what_is_shown(self, data: Mapping[str, Any]) -> None:
        """Fields that are asked for only with one choice are required only with it."""
        config = self._typed_config(data)
        for declared in self.connector.fields:
            asked = declared.only_if and declared.required and declared.applies(config)
            if asked and not config[declared.key]:
                self.add_error(PREFIX + declared.key, _("This is needed here."))

    def _leads_elsewhere(self, stored: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
        places = [field for field in self.connector.fields if field.is_address]
        return any(
            (given.get(PREFIX + field.key) or "") != (stored.get(field.key, field.default) or "")
            for field in places
        )

    def _insist_on(self, name: str) -> None:
        if not self.cleaned_data.get(name):
            self.add_error(name, _("The address is another one now. Enter this once more."))

    def setting_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith(PREFIX)]

    def basic_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "source", "source_kind") if name in self.fields]

    def schedule_fields(self) -> list[forms.BoundField]:
        names = ("schedule_time", "weekdays", "after_sources", "apply_mode")
        return [self[name] for name in names if name in self.fields]

    def config(self) -> dict[str, Any]:
        """Plain settings. Those of a preset that the form does not show are kept."""
        shown = {f.key: self.cleaned_data.get(PREFIX + f.key) for f in self.connector.fields if not f.secret}
        return (dict(self.preset.config) if self.preset else {}) | shown

    def secrets(self) -> dict[str, str]:
        """Only those that were typed in."""
        typed = {f.key: self.cleaned_data.get(PREFIX + f.key) for f in self.connector.fields if f.secret}
        return {key: value for key, value in typed.items() if value}

    def schedule(self) -> dict[str, Any]:
        names = ("schedule_time", "weekdays", "after_sources", "apply_mode")
        return {name: self.cleaned_data[name] for name in names if name in self.fields}

    def tried(self) -> Connection:
        """The connection as it would be saved, to be checked and thrown away."""
        config = {**(self.connection.config if self.connection else {}), **self.config()}
        tried = Connection(connector=self.connector.slug, name=self.cleaned_data["name"], config=config)
        tried.secrets = {**(self.connection.secrets if self.connection else {}), **self.secrets()}
        return tried

    def save(self, actor: User, organisation: Organisation) -> Connection:
        if self.connection:
            connecting.change(
                connection=self.connection,
                actor=actor,
                config=self.config(),
                secrets=self.secrets(),
                name=self.cleaned_data["name"],
                **self.schedule(),
            )
            return self.connection
        return connecting.create(
            actor=actor,
            connector=self.connector.slug,
            name=self.cleaned_data["name"],
            source=self._source(organisation),
            config=self.config(),
            secrets=self.secrets(),
            **self.schedule(),
        )

    def _source(self, organisation: Organisation) -> Source:
        chosen: Source | None = self.cleaned_data["source"]
        return chosen or connecting.source_for(
            name=self.cleaned_data["name"],
            kind=self.cleaned_data["source_kind"],
            country=organisation.country,
        )
