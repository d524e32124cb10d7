"""From headers to targets, in six languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.files.dictionary import consent_hint, is_known_header, suggest
from integrations.files.judge import judge
from integrations.files.targets import BY_KEY, doubled
from integrations.files.vocabulary import wordlist

HEADERS = Path(__file__).parent.parent / "data" / "files" / "headers.txt"
LANGUAGES = dict(line.split(": ") for line in HEADERS.read_text("utf-8").splitlines())
TARGETS = (
    "order.number order.date ticket.event_name ticket.event_date buyer.given_name buyer.family_name "
    "buyer.email buyer.mobile buyer.postal_code buyer.city buyer.country buyer.birth_date ticket.price "
    "ticket.quantity consent.answer"
).split()
ROW = [
    "71",
    "22.11.2026",
    "Hamlet",
    "31.12.2026",
    "Kari",
    "Nordmann",
    "k@example.no",
    "90000001",
    "0155",
    "Oslo",
    "NO",
    "12.03.1985",
    "450,00",
    "2",
    "Ja",
]


def suggested(header: list[str], rows: list[list[str]]) -> list[str]:
    return [one.target for one in suggest(header, judge(rows, len(header)))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_headers_of_a_ticket_file(language: str) -> None:
    assert suggested(LANGUAGES[language].split(";"), [ROW] * 5) == TARGETS


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("orderNumber", "order.number"),
        ("ORDER_NUMBER", "order.number"),
        ("Kjøpers e-post", "buyer.email"),
        ("Kundens fornavn (påkrevd)", "buyer.given_name"),
        ("Telefonnummer:", "buyer.phone"),
        ("E-post til kjøper", "buyer.email"),
    ],
)
def test_spelling_case_and_further_words_do_not_matter(header: str, target: str) -> None:
    sample = {"buyer.email": "k@example.no", "buyer.phone": "90000001"}.get(target, "71a")
    assert suggested([header], [[sample]]) == [target]


@pytest.mark.parametrize(
    "header", ["Deltakers e-post", "Attendee email", "Deltager e-mail", "Deelnemer e-mail"]
)
def test_an_attendee_s_address_is_not_the_buyer_s(header: str) -> None:
    assert suggested([header], [["k@example.no"]]) == ["attendee.email"]


def test_what_the_cells_look_like_counts() -> None:
    assert suggested(["E-post"], [["Ja"], ["Nei"]]) == ["consent.answer"]
    assert suggested(["Kontakt"], [["k@example.no"], ["o@example.no"]]) == ["buyer.email"]
    assert suggested(["Pris"], [["gratis"], ["se nettside"]]) == [""]


def test_beside_a_first_name_a_name_is_the_last_name() -> None:
    assert suggested(["Vorname", "Name"], [["Jan", "Müller"]]) == ["buyer.given_name", "buyer.family_name"]
    assert suggested(["Name"], [["Jan Müller"]]) == ["buyer.full_name"]


def test_a_date_of_something_else_is_no_show_date() -> None:
    assert suggested(["Oppfølgingsdato"], [["22.11.2026"]]) == [""]
    assert suggested(["Dato"], [["22.11.2026"]]) == ["ticket.event_date"]


def test_two_columns_never_share_a_target_that_holds_one_value() -> None:
    header = ["E-post", "E-mail", "Mail", "Navn", "Kundenavn", "Ja takk til nyhetsbrev", "Samtykke SMS"]
    rows = [["", "k@example.no", "o@example.no", "Kari", "Kari N", "Ja", "Nei"]] * 3
    found = suggested(header, rows)
    assert not doubled(found)
    assert found.count("consent.answer") == 2
    assert found[1] == "buyer.email", "of equal headers the filled one wins"


@pytest.mark.parametrize(
    "header", ["Fødselsnummer", "CPR-nr", "Personnummer", "BSN", "Ticket secret", "Kortnummer"]
)
def test_what_nobody_needs_is_left_out(header: str) -> None:
    (one,) = suggest([header], judge([["12345678901"]], 1))
    assert one.never
    assert one.target == ""


@pytest.mark.parametrize(
    ("header", "channels", "purpose", "inverted"),
    [
        ("Ja takk til nyhetsbrev på e-post og SMS", ("email", "sms"), "marketing.newsletter", False),
        ("Samtykke SMS", ("sms",), "marketing.newsletter", False),
        ("Newsletter opt-in", ("email",), "marketing.newsletter", False),
        ("Samtykke lignende produkter", ("email",), "marketing.own_similar", False),
        ("Consent third party", ("email",), "marketing.partner", False),
        ("Ad Opt Out", ("email",), "marketing.newsletter", True),
        ("Reservert mot reklame", ("email",), "marketing.newsletter", True),
        ("Ønsker ikke reklame på SMS", ("sms",), "marketing.newsletter", True),
        ("Keine Werbung", ("email",), "marketing.newsletter", True),
    ],
)
def test_a_permission_column_tells_channel_purpose_and_direction(
    header: str, channels: tuple[str, ...], purpose: str, inverted: bool
) -> None:
    hint = consent_hint(header)
    assert (hint.channels, hint.purpose, hint.inverted) == (channels, purpose, inverted)


@pytest.mark.parametrize("header", ["Email address verified", "E-post bekreftet"])
def test_a_verified_address_is_no_permission(header: str) -> None:
    assert suggested([header], [["Yes"], ["No"]]) == [""]


def test_the_word_list_names_only_targets_that_exist() -> None:
    assert set(wordlist("columns")) - {"never"} <= set(BY_KEY)
    assert set(BY_KEY) - set(wordlist("columns")) == {"buyer.identifier", "buyer.attribute"}


def test_every_header_of_the_dictionary_leads_to_its_own_target_or_an_earlier_one() -> None:
    assert all(is_known_header(word) for words in wordlist("columns").values() for word in words)
