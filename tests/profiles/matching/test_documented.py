"""The page about the matcher knows every level."""

from pathlib import Path

import pytest
from django.conf import settings

from profiles.identity.matching import compare
from profiles.identity.matching.compare import COMPARISONS

PAGE = Path(settings.BASE_DIR) / "docs" / "explanation" / "matching.md"
PARTS = {
    "name": (*compare.GIVEN, *compare.FAMILY, *compare.NAME_LEVELS[compare.CROSSED :]),
    "address": (*compare.STREET.levels, *compare.PLACE.levels),
}


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda c: c.name)
def test_every_level_is_on_the_page(comparison: compare.Comparison) -> None:
    page = PAGE.read_text(encoding="utf-8")
    cells = {
        level.strip() for line in page.splitlines() if "·" in line for level in line.split("|")[2].split("·")
    }
    assert set(PARTS.get(comparison.name, comparison.levels)) <= cells
