"""Lines of registers in the shapes in which they come."""

import pytest

from consent.registers import parsing
from consent.registers.parsing import Line, NotARegister, address_key, phone_key

ROBINSON = [
    "ROBINSONLISTEN PR. 01.11.2026",
    "Personnavn                        #Standardadresse                   #Bynavn                           "
    "#Postnr. og postdistrikt  #Hist#Komm#Vejk#Husn#Et#Side#",
    "Østergård,Åse Marie               #Kirkegade 12 A, 2. tv             #                                  "
    "#2100 København Ø         #   #0101#1234#012A#02#  tv#",
    "Hansen,Ole                        #                                  #                                  "
    "#8000 Aarhus C            #*  #0751#1234#0001#  #    #",
]


def lines(text: list[str], channel: str, country: str) -> list[Line]:
    how = parsing.layout(text, channel)
    numbered = list(enumerate(text, start=1))[how.first :]
    return list(parsing.read(numbered, how, channel=channel, country=country))


def test_robinsonlisten_as_cpr_delivers_it() -> None:
    first, second = lines(ROBINSON, "post", "DK")
    assert first == Line(3, address_key("Aase", "Oestergaard", "2100", "Kirkegade 12A 2 tv"))
    assert second == Line(4, why="incomplete")


@pytest.mark.parametrize(
    "text",
    [
        ["90000001", "+47 900 00 002", "0047 90000003"],
        ["telefon", "90000001", "90000002", "90000003"],
        ["Navn;Mobilnummer", "Kari;90000001", "Ola;90000002", '"Per; A";90000003'],
        ["x\t90000001", "y\t90 00 00 02", "z\t90000003"],
    ],
    ids=["bare", "with a name", "among others", "by what is in it"],
)
def test_numbers_in_any_column_are_one_spelling(text: list[str]) -> None:
    found = [line.key for line in lines(text, "phone", "NO")]
    assert found == [phone_key(f"+479000000{n}") for n in (1, 2, 3)]


def test_what_cannot_be_read_is_told_by_line_and_reason() -> None:
    found = lines(["telefon", "90000001", "12", "", "4.79E+09", "-"], "phone", "NO")
    assert [(line.number, line.why) for line in found[1:]] == [
        (3, "phone_invalid"),
        (5, "phone_truncated"),
        (6, "empty"),
    ]


def test_one_file_for_both_channels_is_read_for_one() -> None:
    text = ["Fornavn;Etternavn;Adresse;Postnr;Telefon;Telefonsalg;Adressert reklame"]
    text += ["Kari;Nordmann;Storgata 1;0155;90000001;J;N", "Ola;Nordmann;Storgata 2;0155;90000002;N;J"]
    calls = lines(text, "phone", "NO")
    letters = lines(text, "post", "NO")
    assert calls == [Line(2, phone_key("+4790000001")), Line(3, other=True)]
    assert letters == [Line(2, other=True), Line(3, address_key("Ola", "Nordmann", "0155", "Storgata 2"))]


@pytest.mark.parametrize("channel", ["phone", "post"])
def test_a_file_of_something_else_is_refused(channel: str) -> None:
    with pytest.raises(NotARegister):
        parsing.layout(["name;e-mail", "Kari;kari@example.no"], channel)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            ("Kari Anne", "Nordmann", "0155", "Storgata 1 B"),
            ("Kari", "Nordmann", "0155 OSLO", "STORGATA 1b, 2"),
        ),
        (("Åse", "van der Ødegård", "NL-1011", "Kade 3"), ("Aase", "Oedegaard", "1011", "kade 3")),
    ],
)
def test_one_person_at_one_address_however_it_is_written(
    one: tuple[str, str, str, str], other: tuple[str, str, str, str]
) -> None:
    assert address_key(*one) == address_key(*other) != ""


def test_neighbours_are_not_one() -> None:
    keys = {address_key("Kari", "Nordmann", "0155", f"Storgata {n}") for n in ("1", "1A", "1B", "11", "2")}
    assert len(keys) == 5


def test_lines_are_read_in_the_letters_they_were_written_in() -> None:
    assert parsing.text("Ås\r\n".encode("latin-1")) == parsing.text("\ufeffÅs\n".encode()) == "Ås"
