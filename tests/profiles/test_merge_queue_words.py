"""What the review page marks, and what it calls what the matcher found."""

from __future__ import annotations

import subprocess
import sys

import pytest

from profiles.identity import asking, precision, wording
from profiles.identity.differing import parts
from profiles.identity.matching import bands
from profiles.identity.matching.compare import COMPARISONS
from profiles.identity.thresholds import Thresholds
from profiles.templatetags.identity import marked, share, signed


@pytest.mark.parametrize(
    ("own", "other", "shown"),
    [
        ("solveig.odegard@example.no", "solveig.o@example.com", "solveig.o[degard]@example.[no]"),
        ("solveig.o@example.com", "solveig.odegard@example.no", "solveig.o@example.[com]"),
        ("Solveig Ødegård", "Solveig Odegaard", "Solveig [Ø]deg[å]rd"),
        ("+47 41 22 90 17", "+47 41 22 90 71", "+47 41 22 90 [17]"),
        ("Strandgaten 14", "Strandgt. 14", "Strandg[aten] 14"),
        ("Kari", "Ola Nordmann", "[Kari]"),
        ("kari@post.example", "ola@post.example", "[kari]@post.example"),
        ("Kari", "Kari", "Kari"),
        ("", "Kari", ""),
    ],
)
def test_what_differs_is_marked_and_no_more(own: str, other: str, shown: str) -> None:
    assert "".join(f"[{text}]" if differs else text for text, differs in parts(own, other)) == shown


@pytest.mark.parametrize(
    ("own", "other"), [("a@b@c", "a@b"), ("<b>&", "<i>&"), ("Æ" * 60, "æ" * 60), ("ab", "ba")]
)
def test_nothing_of_a_value_is_lost(own: str, other: str) -> None:
    assert "".join(text for text, _differs in parts(own, other)) == own


def test_marks_are_escaped_and_an_address_breaks_after_its_at_and_dots() -> None:
    assert marked("<b>Kari", "<b>Kara") == "&lt;b&gt;Kar<mark>i</mark>"
    assert marked("kari.n@mail.example", "kari.n@mail.example") == (
        '<span class="whole">kari.<wbr>n@<wbr></span><wbr><span class="whole">mail.<wbr>example</span>'
    )


def test_every_level_that_the_matcher_knows_has_words() -> None:
    unknown = {
        level
        for comparison in COMPARISONS
        for level in comparison.levels
        if not set(wording.level_words(level)) <= {str(words) for words in wording.LEVELS.values()}
    }
    assert unknown == set()
    assert {comparison.name for comparison in COMPARISONS} <= set(wording.COMPARISONS)


def test_everything_that_keeps_a_pair_from_being_merged_by_itself_has_words() -> None:
    assert {precision.PROBABLE, asking.LIFTED} == set(wording.RULES)
    assert precision.PROBABLE == asking.PROBABLE
    kept = {"accounts", "birth_dates", "limit", "size", "contradiction", asking.TOLD_APART}
    assert set(wording.BLOCKED_BY) == {"", *kept}
    assert set(wording.BLOCKED_HELP) == kept
    assert Thresholds() == Thresholds(bands.AUTOMATIC, bands.REVIEW)


def test_the_menu_does_not_bring_the_matcher() -> None:
    """It costs every process time and memory, and few of them match anybody."""
    code = (
        "import django, sys; django.setup(); import profiles.identity.pages.review;"
        " print(sorted({'rapidfuzz', 'profiles.identity.matching.compare'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_the_two_strongest_pieces_for_one_person_are_the_reasons() -> None:
    pieces = [
        {"comparison": "email", "level": "e-mail differs", "weight": -9},
        {"comparison": "name", "level": "given name same, family name same", "weight": 4.5},
        {"comparison": "phone", "level": "phone same", "weight": 8},
        {"comparison": "birth", "level": "birth date same", "weight": 2},
        {"comparison": "prior", "level": "", "weight": 12},
    ]
    assert wording.two_reasons(pieces) == ["Same phone", "Same given name, same family name"]


def test_bars_are_as_long_as_the_strongest_piece_allows() -> None:
    found = wording.evidence(
        [
            {"comparison": "phone", "level": "phone same", "weight": 8, "left": "1", "right": "1"},
            {"comparison": "email", "level": "e-mail differs", "weight": -2, "left": "a", "right": "b"},
        ]
    )
    assert [(each.width, each.speaks_for, each.left, each.right) for each in found] == [
        ("100.0", True, "", ""),
        ("25.0", False, "a", "b"),
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.94, "94 %"),
        (0.999, "99.9 %"),
        (0.9995, "99.95 %"),
        (0.99999, "99.99 %"),
        (0.99898, "99.89 %"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (None, "–"),
    ],
)
def test_what_is_less_than_certain_is_never_called_100_per_cent(value: float | None, words: str) -> None:
    assert share(value) == words


def test_weights_carry_their_sign() -> None:
    assert [signed(weight) for weight in (6.14, -1.3, 0)] == ["+6.1", "−1.3", "+0.0"]
