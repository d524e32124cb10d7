"""Advisory locks, between real connections."""

import pytest
from django.db import transaction
from django_tenants.utils import tenant_context

from cdp.lib import locks
from organisations.models import Organisation

pytestmark = pytest.mark.django_db


def test_the_second_holder_is_turned_away_until_the_first_lets_go() -> None:
    with locks.held("run", 1) as first:
        assert first
        with locks.held("run", 1) as second:
            assert not second
        with locks.held("run", 2) as other_key, locks.held("tick", 1) as other_kind:
            assert other_key
            assert other_kind
    with locks.held("run", 1) as again:
        assert again


def test_a_lock_in_a_transaction_is_refused_while_another_connection_has_it() -> None:
    with locks.held("resolve", 1), transaction.atomic():
        assert not locks.try_in_transaction("resolve", 1)
        assert locks.try_in_transaction("resolve", 2)


def test_a_lock_in_a_transaction_keeps_others_out() -> None:
    with transaction.atomic():
        locks.wait_in_transaction("resolve", 3)
        with locks.held("resolve", 3) as taken:
            assert not taken


def test_the_same_number_in_two_organisations_is_two_locks(
    aurora: Organisation, borealis: Organisation
) -> None:
    with tenant_context(aurora):
        ours = locks.key_of(1)
    with tenant_context(borealis):
        theirs = locks.key_of(1)
    with locks.held("run", ours) as first, locks.held("run", theirs) as second:
        assert first
        assert second


def test_every_lock_has_a_number_of_its_own() -> None:
    assert len(set(locks.LOCKS.values())) == len(locks.LOCKS)
