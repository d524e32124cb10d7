"""Links that say what they are about to us, and nothing to anybody else."""

import pytest
from django_tenants.utils import tenant_context
from hypothesis import given, settings
from hypothesis import strategies as st

from cdp.lib.tenancy import current_schema
from consent.preferences import tokens
from consent.preferences.tokens import CODES, Read
from organisations.models import Organisation

purposes = st.sampled_from(CODES) | st.text("abc._æø", min_size=1, max_size=60)
facts = st.builds(Read, st.integers(0, 2**63 - 1), purposes, st.text(max_size=40), st.booleans())


@settings(max_examples=25)
@given(facts)
def test_what_is_put_in_comes_out_and_always_looks_the_same(said: Read) -> None:
    token = tokens.make(said.identifier_id, said.purpose, said.message, mailed=said.mailed)
    assert tokens.read(token) == said
    assert token == tokens.make(said.identifier_id, said.purpose, said.message, mailed=said.mailed)


@settings(max_examples=25)
@given(facts, st.integers(0), st.integers(1, 63))
def test_a_letter_changed_anywhere_makes_it_nothing(said: Read, place: int, by: int) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = tokens.make(said.identifier_id, said.purpose, said.message)
    at = place % len(token)
    other = letters[(letters.index(token[at]) + by) % 64]
    assert tokens.read(token[:at] + other + token[at + 1 :]) is None


def test_it_is_short_and_shows_nothing() -> None:
    token = tokens.make(1_234_567, "marketing.newsletter", "mc:abc123")
    assert len(token) <= 40
    assert "newsletter" not in token


def test_another_organisation_cannot_read_it(aurora: Organisation, borealis: Organisation) -> None:
    with tenant_context(aurora):
        token = tokens.make(17)
        assert tokens.read(token) == Read(17)
    with tenant_context(borealis):
        assert tokens.read(token) is None
        assert current_schema() == borealis.schema_name


@pytest.mark.parametrize("junk", ["", "x", "a" * 30, "a" * 5000, "=" * 30, "%" * 30])
def test_junk_is_nothing(junk: str) -> None:
    assert tokens.read(junk) is None
