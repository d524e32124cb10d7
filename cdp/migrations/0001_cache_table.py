"""The table behind the shared cache, which holds the counters of the sign-in rate limits."""

from django.db import migrations

CREATE = """
create unlogged table foyer_cache (
    cache_key varchar(255) primary key,
    value     text not null,
    expires   timestamp with time zone not null
);
-- Django deletes expired entries when the table grows past MAX_ENTRIES.
create index foyer_cache_expires on foyer_cache (expires);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [migrations.RunSQL(CREATE, "drop table foyer_cache")]
