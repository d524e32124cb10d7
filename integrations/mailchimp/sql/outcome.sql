-- What became of each contact of a batch.
update mailchimp_planitem item
set state = row.state,
    error = row.error,
    attempts = item.attempts + 1
from jsonb_to_recordset(cast(:rows as jsonb)) as row (id bigint, state text, error text)
where item.id = row.id
