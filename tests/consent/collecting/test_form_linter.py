"""Each rule of CONSENT.md 4.4 stops or warns of what it should, and lets the rest be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consent.collecting import appearance, linter, spec
from consent.collecting.checks.case import Case
from consent.collecting.spec import Control
from tests.consent.collecting import made
from tests.consent.collecting.made import CHOICE, case, form, found, stored_text, text, version, words

LOOK = appearance.of_the_form()
PALE = replace(LOOK, texts={**LOOK.texts, ".ask-help": appearance.Look(("#999999",) * 2, ("#ffffff",) * 2)})
SMALL = replace(LOOK, box=20.0)
HARD = "Behandlingsansvarlig lagrer personopplysninger i overensstemmelse med gjeldende personvernforordning."
UNREACHABLE = replace(LOOK, hidden=(".ask-box > input",))

FIRES = {
    "L01": case(layout={"preselected": True}),
    "L02": case(text(**CHOICE), layout={"yes_style": "filled", "no_style": "link"}),
    "L02 no no": case(text(**CHOICE), language=words(Control(text=1, yes="Ja"))),
    "L03": case(layout={"no_place": "settings"}),
    "L04": case(layout={"required": True}),
    "L05 channels": case(text(channels=["email", "sms"])),
    "L05 purposes": case(text(purposes=["marketing.newsletter", "survey"])),
    "L06": case(text(controllers=[], body="Ja takk, send meg nyheter på e-post.")),
    "L06 partners": case(text(body="Ja takk, send meg nyheter fra Aurora og samarbeidspartnere.")),
    "L07": case(language=words(withdrawal="")),
    "L08": case(text(body="Jeg godtar vilkårene og vil ha nyheter fra Aurora.")),
    "L09": case(language=words(heading="Ikke gå glipp av noe!")),
    "L09 guilt": case(
        text(**CHOICE), language=words(Control(text=1, yes="Ja", no="Nei, jeg liker ikke kultur"))
    ),
    "L09 sad": case(language=words(intro="Ikke si nei 😢")),
    "L10 later": case(text(**CHOICE), language=words(Control(text=1, yes="Ja", no="Senere"))),
    "L10 tick is no": case(text(body="Jeg vil ikke ha nyheter fra Aurora på e-post.")),
    "L10 double": case(text(body="Ja, ikke send meg ingen nyheter fra Aurora.")),
    "L11": case(recent_nos=12),
    "L12": case(language=words(intro="Få 10 % rabatt.")),
    "L13 long": case(language=words(intro="Vi sender deg nyheter om alt som skjer hos oss. " * 8)),
    "L13 hard": case(language=words(intro=HARD)),
    "L14": case(text(locale="da")),
    "L14 spoken": case(text(body="Please send me the newsletter of Aurora.")),
    "L15 vague": case(text(body="Ja, la Aurora forbedre opplevelsen min.")),
    "L15 pace": case(text(promised_per_month=None, body="Ja takk, send meg nyheter fra Aurora.")),
    "L17": case(layout={"withdrawal": "sign_in"}),
    "L17 letter": case(layout={"withdrawal": "letter"}),
    "L18": case(appearance=PALE),
    "L18 small": case(appearance=SMALL),
    "L18 keyboard": case(appearance=UNREACHABLE),
    "L19": case(is_youth=True),
    "L20": case(layout={"optout": "notice"}),
    "L20 claimed": case(claims_optout=True),
}

QUIET = {
    "L01 L03 L04 L17": case(),
    "L02 L10": case(text(**CHOICE)),
    "L05": case(text(channels=["email", "sms"]), layout={"split": True}),
    "L06 L07": case(text(controllers=["Aurora", "Borealis"], purposes=["marketing.partner"])),
    "L07 told": case(text(withdrawal_told=True), language=words(withdrawal="")),
    "L08 L09 L14": case(language=words(intro="Vi forteller hva som spilles.")),
    "L12": case(language=words(intro="Ja gir 10 % rabatt. Du beholder rabatten også om du angrer.")),
    "L13": case(language=words(intro="Vi skriver når det kommer noe nytt.")),
    "L15": case(text(promised_per_month=None, body="Ja, send meg nyheter fra Aurora 2 ganger i måneden.")),
    "L18": case(text(control="button")),
    "L19": case(is_youth=True, layout={"birth_date": True}),
    "L20": case(claims_optout=True, layout={"optout": "control"}, language=words(optout="Nei takk")),
    "L11": case(recent_nos=0),
}


@pytest.mark.parametrize("name", FIRES)
def test_a_rule_speaks_up(name: str) -> None:
    assert name.split(" ")[0] in found(FIRES[name])


@pytest.mark.parametrize("name", QUIET)
def test_a_rule_lets_a_fair_form_be(name: str) -> None:
    assert found(QUIET[name]) == set()


def test_every_rule_is_tried_both_ways() -> None:
    rules = {f"L{number:02}" for number in range(1, 21)} - {"L16"}  # L16 compares two forms
    assert {name.split(" ")[0] for name in FIRES} == rules
    assert {part for name in QUIET for part in name.split(" ") if part.startswith("L")} == rules


@pytest.mark.parametrize(
    ("locale", "guilt", "vague", "fair"),
    [
        ("da", "Gå ikke glip af noget", "en bedre oplevelse", "Ja tak, send mig nyheder fra Aurora"),
        ("sv", "Missa inte detta", "en bättre upplevelse", "Ja tack, skicka nyheter från Aurora"),
        ("nl", "Laatste kans", "een betere ervaring", "Ja graag, stuur mij nieuws van Aurora"),
        ("de", "Nur heute", "ein besseres Erlebnis", "Ja bitte, senden Sie mir Neues von Aurora"),
        ("en", "Don't miss out", "to improve your experience", "Yes please, send me news of Aurora"),
    ],
)
def test_pressure_and_vagueness_are_heard_in_every_language(
    locale: str, guilt: str, vague: str, fair: str
) -> None:
    asked = text(locale=locale, withdrawal_told=True, body=fair)
    heard = case(asked, locale=locale, language=words(heading=guilt, submit="OK", withdrawal=""))
    blurred = text(locale=locale, withdrawal_told=True, body=f"{fair}: {vague}.")
    plain = words(heading="Aurora", submit="OK", withdrawal="")

    assert "L09" in found(heard)
    assert "L15" in found(case(blurred, locale=locale, language=plain))
    assert found(case(asked, locale=locale, language=plain)) <= {"L15"}


def test_a_rule_says_where() -> None:
    (finding,) = linter.check(case(language=words(heading="Siste sjanse!")))

    assert (finding.id, finding.level, finding.where) == ("L09", "stop", "nb.heading")


def test_the_forms_own_style_sheet_is_what_is_measured() -> None:
    assert LOOK.box >= 24
    assert all(look.contrast >= 4.5 for look in (*LOOK.texts.values(), *LOOK.answers.values()))
    assert LOOK.difference("filled", "filled") == 1
    assert LOOK.difference("filled", "link") > 1.25


def test_a_style_sheet_that_hides_the_focus_is_found() -> None:
    tokens = "--page: #ffffff; --ink: #000000;"
    sheet = ".ask-form, .ask-help, .ask-words, .ask-error { color: var(--ink); background: var(--page); }"
    sheet += ".answer { color: #777777; outline: none; min-block-size: 2rem } .answer.filled {}"
    sheet += ".answer.outline {} .answer.link {} .ask-box { min-block-size: 1rem; }"

    look = appearance.read(tokens, sheet)

    assert look.hidden == (".answer",)
    assert look.box == 15
    assert found(case(appearance=look)) == {"L18"}


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48)]
)
def test_contrast_is_computed_as_the_standard_does(one: str, other: str, ratio: float) -> None:
    assert round(appearance.ratio(one, other), 2) == ratio


@pytest.mark.usefixtures("in_aurora")
class TestOfStoredForms:
    def test_a_filled_yes_beside_a_linked_no_is_refused(self) -> None:
        """C163."""
        news = form()
        other = version(news, stored_text(**CHOICE), layout={"no_style": "link"})

        assert [finding.id for finding in linter.stops(linter.lint(news, other))] == ["L02"]

    def test_a_variant_that_names_an_extra_partner_is_refused(self) -> None:
        """C164."""
        news = form()
        a = version(news, stored_text())
        b = version(news, stored_text(controllers=["Aurora", "Borealis"]))

        assert {finding.id for finding in linter.differences(a, b)} == {"L16"}

    def test_other_words_and_another_layout_are_what_a_test_is_for(self) -> None:
        news = form()
        a = version(news, stored_text())
        b = version(
            news,
            stored_text(body=made.BODY + " Velkommen!"),
            heading="Hei",
            layout={"order": "contact_first"},
        )

        assert linter.differences(a, b) == []

    @pytest.mark.parametrize(
        "change",
        [
            {"channels": ["sms"]},
            {"purposes": ["survey"]},
            {"control": "radio_yes_no"},
            {"promised_per_month": 8},
        ],
    )
    def test_a_variant_that_asks_something_else_is_refused(self, change: dict[str, object]) -> None:
        news = form()

        assert linter.differences(version(news), version(news, stored_text(**change)))

    def test_the_partner_must_be_one_beside_the_house(self) -> None:
        news = form()
        alone = version(news, stored_text(purposes=["marketing.partner"]))

        assert "L06" in {finding.id for finding in linter.lint(news, alone)}

    def test_what_cannot_be_shown_says_where(self) -> None:
        news = form()
        oral = version(news, stored_text(control="oral"), heading="")

        with pytest.raises(spec.Unusable) as refused:
            linter.lint(news, oral)

        assert {problem.where for problem in refused.value.problems} == {"nb.heading", "nb.controls.0.text"}


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        ([], "spec"),
        ({"locales": {"xx": {}}}, "xx"),
        ({"locales": {"nb": {"heading": 7}}}, "nb.heading"),
        ({"locales": {"nb": {"controls": [{"text": "1"}]}}}, "nb.controls.0.text"),
        ({"locales": {"nb": {"controls": {}}}}, "nb.controls"),
        ({"layout": {"yes_style": "huge"}}, "layout.yes_style"),
        ({"layout": {"split": "yes"}}, "layout.split"),
        ({"layout": {"colour": "red"}}, "layout.colour"),
    ],
)
def test_a_spec_that_is_none_says_what_is_wrong_where(raw: object, where: str) -> None:
    with pytest.raises(spec.Unusable) as refused:
        spec.read(raw)

    assert [problem.where for problem in refused.value.problems] == [where]


def test_a_spec_is_read_back_as_it_was_written() -> None:
    one: Case = case()

    assert spec.read(spec.write(one.spec)) == one.spec
