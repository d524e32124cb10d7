"""Single cells: what people and programs write, and what is meant by it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.files import meanings, values
from integrations.files.judge import date_order, decimal_sign, judge
from integrations.files.values import BadValue, clean
from profiles.rows import Answer, OrderStatus

OSLO = ZoneInfo("Europe/Oslo")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def moment(text: str, order: values.DateOrder = "dmy", *, later: bool = False) -> datetime:
    found = values.moment(clean(text), order, OSLO, later=later)
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("'+4790000001", "+4790000001"),
        ("'0155", "0155"),
        ('="0155"', "0155"),
        ("\u00a0Kari\u202f", "Kari"),
        ("\ufeffKari\u200b", "Kari"),
        ("'t Hooft", "'t Hooft"),
        ("NULL", ""),
        ("-", ""),
        ("#N/A", ""),
        ("Null", "Null"),
    ],
)
def test_what_spreadsheets_put_around_a_cell_goes(raw: str, meant: str) -> None:
    assert clean(raw) == meant


@pytest.mark.parametrize(
    ("text", "comma", "point"),
    [
        ("250", "250", "250"),
        ("250,00", "250.00", "250.00"),
        ("250.00", "250.00", "250.00"),
        ("1 250,50", "1250.50", "1250.50"),
        ("1.250,50", "1250.50", "1250.50"),
        ("1,250.50", "1250.50", "1250.50"),
        ("1.250", "1250", "1.250"),
        ("1,250", "1.250", "1250"),
        ("1.234.567", "1234567", "1234567"),
        ("kr 250,-", "250", "250"),
        ("250,00 kr", "250.00", "250.00"),
        ("NOK 1'234.50", "1234.50", "1234.50"),
        ("(12,50)", "-12.50", "-12.50"),
        ("12,50-", "-12.50", "-12.50"),
        ("−12,50", "-12.50", "-12.50"),
        ("0,125", "0.125", "0.125"),
        ("€ 12", "12", "12"),
        ("1\u00a0250,00", "1250.00", "1250.00"),
        ("0", "0", "0"),
    ],
)
def test_money(text: str, comma: str, point: str) -> None:
    assert values.money(clean(text), ",") == Decimal(comma)
    assert values.money(clean(text), ".") == Decimal(point)


@pytest.mark.parametrize("text", ["gratis", "1.25.50", ",", "12 50 50 kr x", "1e400", "9999999999"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        values.money(clean(text), ",")


@given(
    st.decimals(-999_999, 999_999, places=2, allow_nan=False), st.sampled_from([" ", "\u00a0", ".", "", "'"])
)
def test_norwegian_money_is_read_back(amount: Decimal, thousands: str) -> None:
    text = f"{amount:,.2f}".replace(",", "T").replace(".", ",").replace("T", thousands)
    assert values.money(clean(text), ",") == amount


@given(st.decimals(-999_999, 999_999, places=2, allow_nan=False), st.sampled_from([",", "", " "]))
def test_english_money_is_read_back(amount: Decimal, thousands: str) -> None:
    assert values.money(clean(f"{amount:,.2f}".replace(",", thousands)), ".") == amount


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22 19:30",
        "2026-11-22T19:30:00",
        "2026-11-22T18:30:00Z",
        "2026-11-22T19:30:00+01:00",
        "22.11.2026 19:30",
        "22.11.26 19:30",
        "22/11/2026 07:30 PM",
        "22-11-2026 19.30",
        "søn. 22.11.2026 kl. 19.30",
        "22. november 2026 kl. 19:30",
        "Sunday 22 November 2026 7:30 pm",
        "Nov 22, 2026 7:30 pm",
        "22.11.2026, 19:30 Uhr",
        "22 nov. 2026 19:30",
        "46348.8125",
        "20261122T193000",
        "2026/11/22 19:30",
    ],
)
def test_a_moment_however_written(text: str) -> None:
    assert moment(text) == utc("2026-11-22T18:30:00+00:00")


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("3. mars 2026", 3),
        ("3 Mrt 2026", 3),
        ("3. März 2026", 3),
        ("3 maart 2026", 3),
        ("3. maj 2026", 5),
        ("3 mei 2026", 5),
        ("3. mai 2026", 5),
        ("3 May 2026", 5),
        ("3. Dezember 2026", 12),
        ("3. desember 2026", 12),
        ("3 oktober 2026", 10),
    ],
)
def test_months_in_six_languages(text: str, month: int) -> None:
    assert moment(text).astimezone(OSLO).date() == date(2026, month, 3)


@given(
    st.datetimes(datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2090-01-01")).map(
        lambda d: d.replace(second=0, microsecond=0)
    )
)
def test_a_local_time_is_read_back_in_every_style(local: datetime) -> None:
    meant = local.replace(tzinfo=OSLO).astimezone(UTC)
    styles: list[tuple[str, values.DateOrder]] = [
        ("%d.%m.%Y %H:%M", "dmy"),
        ("%m/%d/%Y %H:%M", "mdy"),
        ("%Y-%m-%d %H:%M", "dmy"),
        ("%m/%d/%Y %I:%M %p", "mdy"),
    ]
    for style, order in styles:
        assert moment(local.strftime(style), order) == meant


def test_the_doubled_autumn_hour_has_an_earlier_and_a_later_reading() -> None:
    assert moment("25.10.2026 02:30") == utc("2026-10-25T00:30:00+00:00")
    assert moment("25.10.2026 02:30", later=True) == utc("2026-10-25T01:30:00+00:00")


def test_an_hour_that_spring_skips_still_has_a_place() -> None:
    assert moment("29.03.2026 02:30") == utc("2026-03-29T01:30:00+00:00")


@pytest.mark.parametrize("text", ["31.02.2026", "13/13/2026", "snart", "22.11", "0000-00-00", "999999"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        moment(text)


def test_a_day_that_contradicts_the_order_is_refused_rather_than_turned() -> None:
    with pytest.raises(BadValue, match="date"):
        moment("22/11/2026", "mdy")


@pytest.mark.parametrize(
    ("text", "born"),
    [("12.03.85", date(1985, 3, 12)), ("1985-03-12", date(1985, 3, 12)), ("31118", date(1985, 3, 12))],
)
def test_births_lie_in_the_past(text: str, born: date) -> None:
    assert values.day(text, "dmy") == born


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("19:30", time(19, 30)),
        ("19.30", time(19, 30)),
        ("1930", time(19, 30)),
        ("19", time(19)),
        ("7:30 pm", time(19, 30)),
        ("0,8125", time(19, 30)),
        ("2026-11-22 19:30", time(19, 30)),
        ("1899-12-30 19:30:00", time(19, 30)),
    ],
)
def test_times_of_day(text: str, meant: time) -> None:
    assert values.clock(text) == meant


@pytest.mark.parametrize(
    ("cells", "order", "is_open", "mixed"),
    [
        (["22.11.2026", "03.04.2026"], "dmy", False, False),
        (["11/22/2026", "03/04/2026"], "mdy", False, False),
        (["2026-11-22"], "ymd", False, False),
        (["03.04.2026", "05.06.2026"], "dmy", True, False),
        (["22/11/2026", "11/22/2026"], "dmy", False, True),
    ],
)
def test_the_order_of_a_date_is_judged_over_the_column(
    cells: list[str], order: str, is_open: bool, mixed: bool
) -> None:
    assert date_order(cells) == (order, is_open, mixed)


@pytest.mark.parametrize(
    ("cells", "sign", "is_open"),
    [
        (["1.250", "12,50"], ",", False),
        (["1,250", "12.50"], ".", False),
        (["1.250", "2.500"], ",", True),
        (["12", "13"], ",", False),
    ],
)
def test_the_decimal_sign_is_judged_over_the_column(cells: list[str], sign: str, is_open: bool) -> None:
    assert decimal_sign(cells, ",") == (sign, is_open)


def test_one_clear_amount_settles_the_file_s_other_columns() -> None:
    looks = judge([["1.250", "12,50"], ["2.500", "7,00"]], 2)
    assert [look.decimal for look in looks] == [",", ","]


YES: Answer = "yes"
ANSWERS: list[tuple[Answer, str]] = [
    (
        "yes",
        "Ja J ja Yes YES y 1 true True TRUE x X Samtykke Samtycke Accept accepted Opt-in påmeldt tilmeldt "
        "waar wahr ✓ sant Ja,takk",
    ),
    (
        "no",
        "Nei N nei No 0 false False Nej nee Nein Decline declined avmeldt Opt-out falsch onwaar usant "
        "Nei,takk",
    ),
    ("blank", "ukjent unknown ubesvart okänd onbekend unbekannt"),
    ("unreadable", "kanskje 2 ? -1 muligens 0000-00-00 01.01.1900"),
]


@pytest.mark.parametrize(
    ("answer", "text"), [(a, t) for a, words in ANSWERS for t in words.split() if t != "?"]
)
def test_answers_in_six_languages(answer: Answer, text: str) -> None:
    assert meanings.answer(text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", "blank"),
        ("Ikke samtykke", "no"),
        ("ej samtycke", "no"),
        ("22.11.2026", "yes"),
        ("2026-11-22 10:00", "yes"),
        ("nicht zugestimmt", "no"),
        ("geen toestemming", "no"),
    ],
)
def test_answers_of_several_words_and_dates(text: str, answer: Answer) -> None:
    assert meanings.answer(text) == answer


@given(st.text(max_size=12))
def test_no_text_becomes_a_yes_by_accident(text: str) -> None:
    """Whatever is not in the list of spellings, or a date, is no yes."""
    from integrations.files.vocabulary import wordlist
    from integrations.files.words import squeeze

    if meanings.answer(clean(text)) == "yes":
        known = {squeeze(word) for word in wordlist("answers")["yes"]}
        assert squeeze(clean(text)) in known or meanings.is_date_like(clean(text)) or clean(text) in "✓✔☑☒"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Betalt", "paid"),
        ("Completed", "paid"),
        ("canceled", "cancelled"),
        ("Storniert", "cancelled"),
        ("Refundert", "refunded"),
        ("återbetald", "refunded"),
        ("pending", "pending"),
        ("Reservert", "pending"),
        ("utløpt", "expired"),
    ],
)
def test_statuses(text: str, status: OrderStatus) -> None:
    assert meanings.status(text) == status


def test_an_unknown_status_is_asked_about() -> None:
    with pytest.raises(BadValue, match="status"):
        meanings.status("I limbo")


@pytest.mark.parametrize(
    ("text", "land", "code"),
    [
        ("155", "NO", "0155"),
        ("155.0", "NO", "0155"),
        ("999", "DK", "0999"),
        ("1067", "DE", "01067"),
        ("123 45", "SE", "123 45"),
        ("1012 AB", "NL", "1012 AB"),
        ("100", "FI", "00100"),
        ("", "NO", ""),
        ("5003", "NO", "5003"),
    ],
)
def test_zeros_that_a_spreadsheet_dropped_come_back(text: str, land: str, code: str) -> None:
    assert meanings.postal(text, land) == code


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("8000 Aarhus C", ("8000", "Aarhus C")),
        ("123 45 Göteborg", ("123 45", "Göteborg")),
        ("1012 AB Amsterdam", ("1012 AB", "Amsterdam")),
        ("DK-8000 Aarhus", ("DK-8000", "Aarhus")),
        ("0155", ("0155", "")),
        ("123 45", ("123 45", "")),
        ("1012 AB", ("1012 AB", "")),
        ("", ("", "")),
    ],
)
def test_a_code_and_a_city_in_one_cell_are_parted(text: str, parts: tuple[str, str]) -> None:
    assert meanings.postal_and_city(text) == parts


@pytest.mark.parametrize(
    ("text", "phone"),
    [("4,790000001E+09", "4790000001"), ("4790000001.0", "4790000001"), ("+47 900 00 001", "+47 900 00 001")],
)
def test_phones_that_can_be_saved(text: str, phone: str) -> None:
    assert meanings.phone(text) == phone


@pytest.mark.parametrize("text", ["4.79E+10", "4,79E+09", "5E+7"])
def test_phones_that_lost_their_digits_are_held(text: str) -> None:
    with pytest.raises(BadValue, match="phone_rounded"):
        meanings.phone(text)


@given(
    st.datetimes(datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2040-01-01")).map(
        lambda d: d.replace(second=0, microsecond=0)
    )
)
def test_excel_s_numbers_are_dates(local: datetime) -> None:
    serial = (local - values.EXCEL_EPOCH) / timedelta(days=1)
    assert moment(f"{serial:.8f}") == local.replace(tzinfo=OSLO).astimezone(UTC)
