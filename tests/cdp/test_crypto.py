"""Sealed secrets and keyed hashes."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from cdp.lib import crypto


def test_what_is_sealed_can_be_read_again_and_never_looks_the_same_twice() -> None:
    one, two = (crypto.seal("aurora", "a secret: æøå") for _ in range(2))
    assert crypto.unseal("aurora", one) == crypto.unseal("aurora", two) == "a secret: æøå"
    assert one != two
    assert "secret" not in one


def test_another_organisation_cannot_read_it() -> None:
    with pytest.raises(crypto.Unreadable):
        crypto.unseal("borealis", crypto.seal("aurora", "x"))


def test_a_changed_key_still_reads_what_the_old_one_sealed(settings: Settings) -> None:
    settings.FOYER_ENCRYPTION_KEYS = ["old" * 20]
    sealed = crypto.seal("aurora", "x")
    settings.FOYER_ENCRYPTION_KEYS = ["new" * 20, "old" * 20]
    assert crypto.unseal("aurora", sealed) == "x"
    settings.FOYER_ENCRYPTION_KEYS = ["new" * 20]
    with pytest.raises(crypto.Unreadable):
        crypto.unseal("aurora", sealed)


def test_a_hash_is_the_same_each_time_and_differs_by_organisation_and_key(settings: Settings) -> None:
    first = crypto.keyed_hash("aurora", "kari@example.no")
    assert first == crypto.keyed_hash("aurora", "kari@example.no")
    assert len(first) == 32
    assert first != crypto.keyed_hash("borealis", "kari@example.no")
    settings.FOYER_HASH_KEY = "another" * 10
    assert first != crypto.keyed_hash("aurora", "kari@example.no")


def test_without_a_key_nothing_is_sealed(settings: Settings) -> None:
    settings.FOYER_ENCRYPTION_KEYS = [""]
    with pytest.raises(ImproperlyConfigured):
        crypto.seal("aurora", "x")


def test_what_is_sealed_to_last_is_short_always_the_same_and_bound_to_organisation_and_use() -> None:
    sealed = crypto.seal_lasting("aurora", "a use", b"12")
    assert sealed == crypto.seal_lasting("aurora", "a use", b"12")
    assert len(sealed) == 18
    assert crypto.unseal_lasting("aurora", "a use", sealed) == b"12"
    altered = bytes([sealed[0] ^ 1]) + sealed[1:]
    for schema, use, given in (
        ("borealis", "a use", sealed),
        ("aurora", "another", sealed),
        ("aurora", "a use", altered),
        ("aurora", "a use", b""),
    ):
        with pytest.raises(crypto.Unreadable):
            crypto.unseal_lasting(schema, use, given)
