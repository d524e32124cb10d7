"""Every table of an organisation says what it holds of a person: nothing is added without a word on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from organisations import personal_data
from organisations.personal_data import Doing

TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, ArrayField)


def tenant_models() -> Iterator[type[models.Model]]:
    names = set(settings.TENANT_APPS) - set(settings.SHARED_APPS)
    for config in apps.get_app_configs():
        if config.name in names or f"{type(config).__module__}.{type(config).__qualname__}" in names:
            yield from config.get_models()


MODELS = sorted(model._meta.label for model in tenant_models())


def test_the_walk_sees_every_room() -> None:
    rooms = {label.partition(".")[0] for label in MODELS}
    assert {"audit", "profiles", "consent", "integrations", "files", "mailchimp"} <= rooms


def test_every_model_is_a_store_or_free_and_no_declaration_is_of_nothing() -> None:
    stores = {store.model for store in personal_data.stores()}
    free = {part.model for part in personal_data.free()}
    assert sorted(stores | free) == MODELS
    assert not stores & free


@pytest.mark.parametrize("room", ["audit", "profiles", "consent", "integrations", "files", "mailchimp"])
def test_every_text_of_a_store_is_called_personal_or_plain_with_a_reason(room: str) -> None:
    for store in personal_data.stores():
        if not store.model.startswith(f"{room}."):
            continue
        model = apps.get_model(store.model)
        known = {
            name for field in model._meta.get_fields() for name in (field.name, getattr(field, "attname", ""))
        }
        plain = dict(store.plain or {})
        assert {*store.personal, *plain} <= known, store.model
        assert all(plain.values()), store.model
        texts = {field.name for field in model._meta.concrete_fields if isinstance(field, TEXTS)}
        assert texts <= {*store.personal, *plain}, store.model


def test_whatever_is_deleted_says_how_and_whatever_stays_says_why() -> None:
    for store in personal_data.stores():
        if store.doing in (Doing.DELETE, Doing.ANONYMISE):
            assert store.erase, store.model
        if store.doing in (Doing.KEEP, Doing.ANONYMISE):
            assert store.why, store.model
    assert all(part.why for part in personal_data.free())
