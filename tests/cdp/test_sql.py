"""The SQL runner's reading of `:name`."""

import pytest
from django.db import connection

from cdp.lib import sql


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("select :name", "select %(name)s"),
        ("select :name::text", "select %(name)s::text"),
        ("select 5 % 2", "select 5 %% 2"),
        ("select 'a :name 100%'", "select 'a :name 100%%'"),
        ('select ":name"', 'select ":name"'),
        ("-- 100% of :these\nselect :name", "-- 100%% of :these\nselect %(name)s"),
        ("/* :a % */ select :b", "/* :a %% */ select %(b)s"),
        ("$$ :a % $$", "$$ :a %% $$"),
        ("select a[1:n], (b)[x:y]", "select a[1:n], (b)[x:y]"),
        ("select :a||:b", "select %(a)s||%(b)s"),
    ],
)
def test_it_translates_only_parameters(written: str, sent: str) -> None:
    assert sql.translate(written) == sent


@pytest.mark.django_db
def test_a_translated_statement_runs() -> None:
    text = "select :number::int % 4 as rest, '100 % of :it' as words, (array[1, 2, 3])[1:2] as part -- 5 %"
    with connection.cursor() as cursor:
        cursor.execute(sql.translate(text), {"number": 7})
        assert cursor.fetchone() == (3, "100 % of :it", [1, 2])


def test_a_statement_takes_in_the_parts_it_names() -> None:
    """Parts of parts too."""
    text = sql.statement("consent/decide_set")

    assert "%(part_" not in text
    for part in ("known", "decided"):
        first_table = {"known": "contact AS MATERIALIZED", "decided": ", law AS ("}[part]
        assert text.count(first_table) == 1
