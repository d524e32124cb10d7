"""Is this somebody we know?"""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from organisations.models import Organisation
from profiles.identity import features, lookup, models_in_use
from profiles.identity.lookup import who_is
from profiles.identity.matching import platform
from profiles.identity.matching.table import Person
from profiles.models import Identifier, MatchModel, SourceRecord
from tests.profiles.sample import a_source, deliver, ticket

pytestmark = pytest.mark.usefixtures("in_aurora")

HOME: dict[str, Any] = {
    "street": "Storgata 5",
    "postal_code": "0182",
    "city": "Oslo",
    "birth_date": date(1980, 2, 1),
}
KARI: dict[str, Any] = {"name": "Kari Ødegård", "email": "kari@nordmann.no", **HOME}


@pytest.fixture
def kari() -> SourceRecord:
    deliver([
        ticket(1, **KARI, external_id="71"),
        ticket(2, name="Per Hansen", email="per@hansen.no", external_id="2", street="Lillegata 1"),
    ])  # fmt: skip
    features.freshen()
    return SourceRecord.objects.get(external_id="71")


def test_somebody_who_shares_no_key_is_found_by_what_they_are_like(kari: SourceRecord) -> None:
    at_home = {**HOME, "street": "Storgt. 5"}
    asked = Person(given_name="Kari", family_name="Odegaard", **at_home)
    [found] = who_is(asked)
    assert (found.profile, found.record) == (kari.profile.public_id, kari.pk)
    assert found.probability > 0.9
    assert found.weight is not None
    assert found.weight > 3
    assert not found.certain


def test_an_identifier_of_theirs_is_certain(kari: SourceRecord) -> None:
    [found] = who_is(Person(email=" KARI@nordmann.no "))
    assert (found.profile, found.probability, found.certain) == (kari.profile.public_id, 1.0, True)


def test_a_customer_number_of_another_source_is_another_number(kari: SourceRecord) -> None:
    assert [c.certain for c in who_is(Person(accounts=(("customer_number", "tickets", "71"),)))] == [True]
    assert who_is(Person(accounts=(("customer_number", "shop", "71"),))) == []


def test_nobody_is_found_for_a_stranger(kari: SourceRecord) -> None:
    assert who_is(Person(given_name="Nils", family_name="Berg", email="nils@berg.no")) == []
    assert who_is(Person()) == []


def test_a_name_that_contradicts_the_address_makes_it_uncertain(kari: SourceRecord) -> None:
    found = who_is(Person(given_name="Ola", family_name="Ødegård", email="kari@nordmann.no"))
    assert not any(c.certain for c in found)


def test_so_does_another_birth_date(kari: SourceRecord) -> None:
    found = who_is(Person(given_name="Kari", email="kari@nordmann.no", birth_date=date(2001, 1, 1)))
    assert not any(c.certain for c in found)


@pytest.mark.parametrize("state", ["held", "shared", "blocked"])
def test_an_address_that_proves_nothing_finds_nobody(kari: SourceRecord, state: str) -> None:
    Identifier.objects.filter(value="kari@nordmann.no").update(state=state)
    features.freshen()
    assert who_is(Person(email="kari@nordmann.no")) == []


def test_an_address_that_proves_nothing_is_not_held_against_anybody(kari: SourceRecord) -> None:
    deliver([ticket(3, name="Siri Vik", email="desk@theatre.no", external_id="3")])
    without = who_is(Person(given_name="Kari", family_name="Ødegård", postal_code="0182"))
    Identifier.objects.filter(value="desk@theatre.no").update(state="held")
    features.freshen()
    asked = Person(given_name="Kari", family_name="Ødegård", postal_code="0182", email="desk@theatre.no")
    assert [c.weight for c in who_is(asked)] == [c.weight for c in without]


def test_two_people_on_one_address_are_both_named_and_neither_is_certain(kari: SourceRecord) -> None:
    deliver([ticket(3, name="Ola Ødegård", email="kari@nordmann.no", external_id="3")])
    features.freshen()
    assert SourceRecord.objects.exclude(profile=kari.profile).filter(external_id="3").exists()
    assert not any(c.certain for c in who_is(Person(email="kari@nordmann.no")))
    first = who_is(Person(given_name="Kari", family_name="Ødegård", email="kari@nordmann.no"))[0]
    assert (first.profile, first.certain) == (kari.profile.public_id, True)


def test_a_record_that_is_not_compared_yet_is_known_by_its_identifiers(kari: SourceRecord) -> None:
    deliver([ticket(3, name="Siri Vik", email="siri@vik.no", external_id="3")])
    [found] = who_is(Person(email="siri@vik.no"))
    assert (found.probability, found.certain, found.weight) == (1.0, True, None)


def test_many_records_of_one_person_are_one_candidate(kari: SourceRecord) -> None:
    deliver([ticket(3, **KARI, external_id="9")], a_source("shop"))
    features.freshen()
    assert SourceRecord.objects.filter(profile=kari.profile).count() == 2
    assert len(who_is(Person(given_name="Kari", family_name="Ødegård", **HOME))) == 1


def test_at_most_so_many_are_named() -> None:
    deliver([
        ticket(n, name="Kari Ødegård", email=f"k{n}@x{n}.no", external_id=f"{n}", postal_code="0182")
        for n in range(8)
    ])  # fmt: skip
    features.freshen()
    asked = Person(given_name="Kari", family_name="Ødegård", postal_code="0182")
    assert len(who_is(asked)) == 5
    assert len(who_is(asked, most=3)) == 3


def test_a_key_on_too_many_records_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    deliver([
        ticket(n, name="Kari Ødegård", email=f"k{n}@x{n}.no", external_id=f"{n}", postal_code="0182")
        for n in range(4)
    ])  # fmt: skip
    features.freshen()
    asked = Person(given_name="Kari", family_name="Ødegård", postal_code="0182")
    monkeypatch.setattr(lookup, "MOST", 4)
    assert len(who_is(asked)) == 4
    monkeypatch.setattr(lookup, "MOST", 3)
    assert who_is(asked) == []


def test_values_that_nobody_can_use_are_left_out(kari: SourceRecord) -> None:
    asked = Person(
        email="not an address", phone="4.79E+09", country="Atlantis", **{**HOME, "city": "x" * 900}
    )
    assert [c.profile for c in who_is(asked)] in ([], [kari.profile.public_id])


def test_it_is_one_query_and_changes_nothing(kari: SourceRecord) -> None:
    asked = Person(given_name="Kari", family_name="Ødegård", **HOME)
    who_is(asked)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        who_is(asked)
    [query] = [one["sql"] for one in queries if "search_path" not in one["sql"]]
    assert "\nwith shown as" in query
    assert not any(word in query.lower() for word in ("insert into", "update ", "delete from", "for update"))


def test_nothing_of_the_person_goes_to_a_log(kari: SourceRecord, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    who_is(Person(given_name="Kari", email="kari@nordmann.no"))
    assert not [r for r in caplog.records if "kari" in r.getMessage().lower()]


def test_the_newest_trained_model_is_asked(kari: SourceRecord) -> None:
    asked = Person(given_name="Kari", family_name="Ødegård", postal_code="0182")
    [before] = who_is(asked)
    parameters = platform.model().as_json() | {"person_rate": 0.0004}
    MatchModel.objects.create(records=2, parameters=parameters)
    [after] = who_is(asked)
    assert before.weight is not None
    assert after.weight is not None
    assert after.weight < before.weight - 5


def test_a_model_of_an_older_release_is_not_used(kari: SourceRecord) -> None:
    asked = Person(given_name="Kari", family_name="Ødegård", postal_code="0182")
    before = who_is(asked)
    MatchModel.objects.create(records=2, parameters={"version": 0})
    assert who_is(asked) == before


# --- another organisation ----------------------------------------------------------


def test_another_organisation_s_people_are_nobody_here(kari: SourceRecord, borealis: Organisation) -> None:
    with tenant_context(borealis):
        assert who_is(Person(email="kari@nordmann.no")) == []
        assert who_is(Person(given_name="Kari", family_name="Ødegård", **HOME)) == []


def test_another_organisation_s_model_is_never_asked(kari: SourceRecord, borealis: Organisation) -> None:
    """Both have a model of the same number."""
    strict = platform.model().as_json() | {"person_rate": 0.0004}
    with tenant_context(borealis):
        number = MatchModel.objects.create(records=1, parameters=strict).pk
        theirs = models_in_use.model(number)
    MatchModel.objects.create(pk=number, records=1, parameters=platform.model().as_json())
    ours = models_in_use.model(number)
    assert theirs.person_rate == 0.0004
    assert ours.person_rate == platform.model().person_rate


def test_few_models_are_kept(kari: SourceRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models_in_use, "KEPT", 1)
    for _ in range(3):
        number = MatchModel.objects.create(records=1, parameters=platform.model().as_json()).pk
        models_in_use.model(number)
    assert len(models_in_use._kept) == 1
