"""The data map: everything held, with its source, purpose, owner, end and recipient; and what is missing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from consent import house
from consent.datamap import mapping, record
from consent.models import PrivacySettings, RetentionRule
from integrations.files.models import Mapping
from integrations.models import Connection
from organisations import personal_data
from organisations.audit.models import AuditEntry
from organisations.models import Organisation, User
from organisations.personal_data import Category, Doing, Feed, FeedField, Store
from tests.conftest import ClientFor
from tests.consent import world

pytestmark = pytest.mark.usefixtures("in_aurora")

STORE = Store(
    model="x.Shoe",
    label="Shoes",
    category="shoes",
    personal=("size",),
    doing=Doing.DELETE,
    erase=lambda _s: 0,
)


@pytest.fixture
def alices(client_for: ClientFor, alice: User, aurora: Organisation) -> Client:
    return client_for(alice, aurora)


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """What a test registers is gone after it."""
    kept = personal_data._registry
    personal_data._registry = replace_dicts(kept)
    yield
    personal_data._registry = kept


def replace_dicts(kept: personal_data._Registry) -> personal_data._Registry:
    return replace(kept, **{name: dict(getattr(kept, name)) for name in kept.__dataclass_fields__})


def words() -> list[str]:
    return [str(gap.words) for gap in mapping.read().gaps()]


def feed(**given: object) -> None:
    world.source("shop")
    facts: dict[str, object] = {"key": "shop", "label": "Shop", "source": "shop"}
    made = Feed(**facts | given)  # type: ignore[arg-type]
    personal_data.register_feeds("test", lambda: [made])


def test_every_declared_table_appears_under_its_category() -> None:
    shown = {store.model: line.key for line in mapping.categories() for store in line.stores}
    assert shown == {store.model: store.category for store in personal_data.stores()}


def test_every_category_with_a_rule_appears_even_without_a_table() -> None:
    personal_data.register(Category(key="odd", label="Odd things", days=30))
    line = next(line for line in mapping.categories() if line.key == "odd")
    assert (line.label, line.kept, line.gaps) == ("Odd things", "30 days", [])


def test_a_table_without_a_retention_stands_out() -> None:
    personal_data.register(STORE)
    assert "Shoes: no retention" in words()
    personal_data.register(Category(key="shoes", label="Shoes", ends="with the customer"))
    assert "Shoes: no retention" not in words()


def test_the_houses_own_shorter_rule_is_what_is_shown() -> None:
    personal_data.register(Category(key="shoes", label="Shoes", days=730))
    RetentionRule.objects.create(category="shoes", days=90, paused=True)
    line = next(line for line in mapping.categories() if line.key == "shoes")
    assert line.kept == "3 months"
    assert "Shoes: its rule is paused" in words()


@pytest.mark.parametrize(
    ("days", "told"),
    [(30, "30 days"), (90, "3 months"), (730, "2 years"), (1095, "3 years"), (396, "13 months")],
)
def test_days_read_as_months_and_years(days: int, told: str) -> None:
    assert mapping.in_words(days) == told


def test_a_source_without_owner_or_purpose_stands_out_until_said(alices: Client) -> None:
    shop = world.source("shop")
    assert {"shop: no owner", "shop: nobody has said what for"} <= set(words())

    answer = {"owner": "Kari, box office", "purpose": "Ticket sales"}
    alices.post(reverse("privacy:source", args=[shop.pk]), answer)

    assert not {"shop: no owner", "shop: nobody has said what for"} & set(words())
    assert AuditEntry.objects.get(verb="source.described").summary == {"changed": ["owner", "purpose"]}


def test_a_field_that_nothing_reads_is_named() -> None:
    feed(fields=(FeedField("Shoe size", "Own field", used=False), FeedField("E-mail", "E-mail")))
    assert "shop: collected but used for nothing: Shoe size" in words()


def test_a_source_says_by_what_it_knows_people() -> None:
    world.person("kari@example.no", "+4790000001")
    line = next(line for line in mapping.read().sources if line.source.slug == "box-office")
    assert sorted(key.lower() for key in line.keys) == ["e-mail", "phone"]


def test_a_recipient_outside_the_eea_is_a_transfer() -> None:
    feed(recipient="Mailer Inc.", country="US", fields=(FeedField("email", "E-mail"),))
    (line,) = mapping.read().recipients
    assert (line.name, line.given, line.is_transfer) == ("Mailer Inc.", ["E-mail"], True)


def test_a_recipient_of_whom_nothing_is_said_stands_out() -> None:
    feed(recipient="Somebody")
    assert "Somebody: nobody has said what they are given" in words()


def test_tailoring_without_a_balancing_test_stands_out() -> None:
    assert "Tailored content: no approved balancing test" in words()


def test_the_controller_is_asked_for_until_known(alices: Client, alice: User) -> None:
    assert "The controller's legal name is missing." in words()
    alices.post(
        reverse("privacy:settings"),
        {"legal_name": "Teater AS", "address": "Storgata 1, Oslo", "contact_email": "personvern@example.no"},
    )
    assert PrivacySettings.objects.get().legal_name == "Teater AS"
    assert mapping.controller() == []
    entry = AuditEntry.objects.get(verb="privacy_settings.changed")
    assert entry.summary == {"changed": ["address", "contact_email", "legal_name"]}
    assert "Teater" not in str(entry.summary)


def test_nothing_is_stored_until_somebody_fills_it_in() -> None:
    assert house.settings().legal_name == ""
    assert not PrivacySettings.objects.exists()


def test_a_file_connection_shows_its_columns_and_an_unmapped_one_says_so() -> None:
    shop = world.source("shop")
    connection = Connection.objects.create(connector="file", name="Drop", slug="drop", source=shop)
    assert "Drop: Nobody has said yet what its columns mean." in words()
    Mapping.objects.create(
        connection=connection,
        version=1,
        spec={
            "columns": [
                {"header": "E-post", "target": "buyer.email"},
                {"header": "Skostr.", "target": "buyer.attribute"},
                {"header": "Intern", "target": ""},
            ]
        },
    )
    line = next(line for line in mapping.read().sources if line.source == shop)
    assert [(each.theirs, each.used) for each in line.feeds[0].fields] == [
        ("E-post", True),
        ("Skostr.", False),
    ]


def test_mailchimp_is_a_recipient_by_name() -> None:
    news = world.source("news")
    Connection.objects.create(connector="mailchimp", name="Newsletter", slug="newsletter", source=news)
    (line,) = mapping.read().recipients
    assert line.name == "Mailchimp (Intuit Inc.)"
    assert line.is_transfer
    assert "E-mail" in line.given


# --- the record -----------------------------------------------------------------------------


def test_the_record_has_all_that_article_30_asks_for() -> None:
    built = record.build(mapping.read())
    for part in ("controller", "purposes", "persons", "data", "recipients", "security", "sources", "missing"):
        assert part in built
    assert {each["key"] for each in built["purposes"]} >= {"marketing.newsletter", "profiling"}
    assert all(each["legal_ground"] for each in built["purposes"])
    assert {each["category"] for each in built["data"]} == {line.label for line in mapping.categories()}


def test_the_record_is_taken_along_as_csv_and_json(alices: Client) -> None:
    world.source("shop")
    page = reverse("privacy:record")

    table = alices.get(f"{page}?as=csv").content.decode("utf-8-sig")
    told = json.loads(alices.get(f"{page}?as=json").content)

    rows = list(csv.reader(io.StringIO(table), delimiter=";"))
    assert rows[0] == ["Part", "Entry", "Field", "Value"]
    assert ["Source", "shop", "country", "NO"] in rows
    assert told["sources"][0]["name"] == "shop"
    assert AuditEntry.objects.filter(verb="processing_record.exported").count() == 2
    assert b"Record of processing" in alices.get(page).content


def test_a_source_named_like_a_formula_is_text_in_the_table(alices: Client) -> None:
    source = world.source("shop")
    source.name = "=cmd()"
    source.save()
    table = alices.get(f"{reverse('privacy:record')}?as=csv").content.decode()
    assert ";=cmd()" not in table


def test_the_pages_of_one_house_show_nothing_of_another(
    client_for: ClientFor, charlie: User, borealis: Organisation
) -> None:
    world.source("only-auroras")
    browser = client_for(charlie, borealis)
    for page in ("privacy:map", "privacy:record"):
        assert b"only-auroras" not in browser.get(reverse(page)).content
