"""What the matcher compares follows the records, whoever changed them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django_tenants.utils import tenant_context

from organisations.models import Organisation
from profiles.identity import features
from profiles.identity.matching.table import Features
from profiles.models import BlockingKey, Identifier, MatchFeatures, SourceRecord
from profiles.rows import CanonicalRow, EventRow, PersonRow
from tests.profiles.sample import START, a_source, deliver, ticket

pytestmark = pytest.mark.usefixtures("in_aurora")


def values_of(record: SourceRecord) -> Features:
    return Features.of(MatchFeatures.objects.get(record=record).values)


def keys_of(record: SourceRecord) -> set[int]:
    return set(BlockingKey.objects.filter(record=record).values_list("key", flat=True))


def only_record(**wanted: object) -> SourceRecord:
    return SourceRecord.objects.get(**wanted)


def test_every_record_gets_its_values_and_keys() -> None:
    person: dict[str, Any] = {"street": "Storgata 5 B", "postal_code": "0182", "birth_date": date(1980, 2, 1)}
    deliver([ticket(1, email="kari@nordmann.no", name="Kari Ødegård", external_id="77", **person)])
    assert features.freshen() == 1
    values = values_of(only_record())
    assert (values.given, values.family, values.email) == ("kari", "odegard", "kari@nordmann.no")
    assert (values.street, values.number, values.postal) == ("stor g", "5b", "0182")
    assert (values.birth, values.year) == ("19800201", "1980")
    assert values.accounts == "customer_number\ttickets\t77"
    assert len(keys_of(only_record())) > 5


def test_a_second_time_changes_nothing() -> None:
    deliver([ticket(n, email=f"p{n}@nordmann.no", name=f"Kari Nordmann{n}") for n in range(5)])
    assert features.freshen() == 5
    before = list(MatchFeatures.objects.order_by("pk").values_list("pk", "digest", "values"))
    assert features.freshen() == 0
    assert list(MatchFeatures.objects.order_by("pk").values_list("pk", "digest", "values")) == before


def test_a_new_name_replaces_values_and_keys() -> None:
    deliver([ticket(1, email="kari@nordmann.no", name="Kari Nordmann", external_id="1")])
    features.freshen()
    record = only_record()
    before = keys_of(record)
    deliver([ticket(2, email="kari@nordmann.no", name="Kari Hansen", external_id="1", day=1)])
    assert features.freshen() == 1
    assert values_of(record).family == "hansen"
    after = keys_of(record)
    assert before - after
    assert after - before
    assert before & after


def test_one_delivery_leaves_the_others_alone() -> None:
    deliver([ticket(1, email="kari@nordmann.no", name="Kari Nordmann")])
    intake, _ = deliver([ticket(2, email="ola@nordmann.no", name="Ola Nordmann")])
    assert features.freshen(intake_id=intake.pk) == 1
    assert not MatchFeatures.objects.filter(record=only_record(email="kari@nordmann.no")).exists()
    assert features.freshen() == 1


@pytest.mark.parametrize("state", ["held", "shared", "blocked"])
def test_a_value_that_proves_nothing_is_not_compared(state: str) -> None:
    deliver([ticket(1, email="post@theatre.no", name="Kari Nordmann", external_id="5")])
    features.freshen()
    Identifier.objects.filter(value="post@theatre.no").update(state=state)
    assert features.freshen() == 1
    assert values_of(only_record()).email == ""
    Identifier.objects.filter(value="5").update(state=state)
    assert features.freshen() == 1
    assert values_of(only_record()).accounts == ""


def test_a_visitor_without_a_name_is_not_compared() -> None:
    visit = EventRow("m1", "page", START)
    buyer = PersonRow(identifiers=(("cookie", "c-1"),))
    deliver([CanonicalRow(number=1, raw=[1], buyer=buyer, events=(visit,))], a_source("web"))
    assert SourceRecord.objects.count() == 1
    assert features.freshen() == 0
    assert not MatchFeatures.objects.exists()


def test_who_has_nothing_to_compare_any_more_is_forgotten() -> None:
    deliver([ticket(1, email="kari@nordmann.no", name="Kari Nordmann", external_id="1")])
    features.freshen()
    SourceRecord.objects.update(given_name="", family_name="", email="", phone="")
    assert features.freshen() == 1
    assert not MatchFeatures.objects.exists()
    assert not BlockingKey.objects.exists()
    assert features.freshen() == 0


def test_what_is_erased_is_gone_here_too() -> None:
    deliver([ticket(1, email="kari@nordmann.no", name="Kari Nordmann")])
    features.freshen()
    record = only_record()
    for related in (record.recordidentifier_set, record.order_set):
        related.all().delete()
    record.delete()
    assert not MatchFeatures.objects.exists()
    assert not BlockingKey.objects.exists()


def test_cut_off_half_way_it_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    deliver([ticket(n, email=f"p{n}@nordmann.no", name=f"Kari Nordmann{n}") for n in range(6)])
    first = SourceRecord.objects.order_by("pk").first()
    assert first
    monkeypatch.setattr(features, "WINDOW", 3)

    def cut_off(step: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        features.freshen(progress=cut_off)
    assert MatchFeatures.objects.count() == 3
    assert features.freshen() == 3


def test_a_release_that_compares_otherwise_makes_all_values_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    deliver([ticket(1, email="kari@nordmann.no", name="Kari Nordmann")])
    assert features.freshen() == 1
    monkeypatch.setattr(features, "VERSION", features.VERSION + 1)
    assert features.freshen() == 1


def test_another_organisation_s_records_are_its_own(in_aurora: Organisation, borealis: Organisation) -> None:
    deliver([ticket(1, email="kari@nordmann.no", name="Kari Nordmann")])
    with tenant_context(borealis):
        assert features.freshen() == 0
        assert not MatchFeatures.objects.exists()


# --- fingerprints ---------------------------------------------------------------


@pytest.fixture
def two() -> tuple[int, int]:
    deliver([
        ticket(1, email="kari@nordmann.no", name="Kari Nordmann", external_id="1", street="Storgata 5"),
        ticket(2, email="karin@nordmann.no", name="Karin Nordmann", external_id="2", birth_year=1970),
    ])  # fmt: skip
    a, b = SourceRecord.objects.order_by("external_id").values_list("profile_id", flat=True)
    return a, b


def test_a_fingerprint_knows_no_order(two: tuple[int, int]) -> None:
    a, b = two
    assert features.fingerprint(a, b) == features.fingerprint(b, a)
    assert len(features.fingerprint(a, b)) == 64


@pytest.mark.parametrize(
    "changed",
    [
        {"given_name": "Kaja"}, {"birth_date": date(1980, 1, 1)}, {"street": "Lillegata 9"},
        {"postal_code": "5003"},
    ],
    ids=lambda changed: next(iter(changed)),
)  # fmt: skip
def test_a_fingerprint_changes_with_what_is_compared(
    two: tuple[int, int], changed: dict[str, object]
) -> None:
    before = features.fingerprint(*two)
    SourceRecord.objects.filter(profile=two[0]).update(**changed)
    assert features.fingerprint(*two) != before


@pytest.mark.parametrize(
    "changed",
    [{"language": "nb"}, {"gender": "female"}, {"attributes": {"row": "7"}}, {"given_name": "KARI"}],
    ids=lambda changed: next(iter(changed)),
)
def test_a_fingerprint_does_not_change_with_anything_else(
    two: tuple[int, int], changed: dict[str, object]
) -> None:
    before = features.fingerprint(*two)
    SourceRecord.objects.filter(profile=two[0]).update(**changed)
    assert features.fingerprint(*two) == before


def test_a_fingerprint_does_not_change_when_an_address_is_held(two: tuple[int, int]) -> None:
    before = features.fingerprint(*two)
    Identifier.objects.filter(value="kari@nordmann.no").update(state="held")
    assert features.fingerprint(*two) == before


def test_a_new_address_changes_the_fingerprint(two: tuple[int, int]) -> None:
    before = features.fingerprint(*two)
    deliver([ticket(3, email="kari@work.no", name="Kari Nordmann", external_id="1", day=2)])
    assert features.fingerprint(*two) != before


def test_another_record_that_says_the_same_changes_nothing(two: tuple[int, int]) -> None:
    before = features.fingerprint(*two)
    deliver([ticket(3, email="kari@nordmann.no", name="Kari Nordmann", external_id="9")], a_source("shop"))
    same = SourceRecord.objects.get(source__slug="shop")
    assert same.profile_id == two[0]
    assert features.fingerprint(*two) == before
