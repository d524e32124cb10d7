-- Who shows what. Each column is one string of 8-byte numbers.
select string_agg(int8send(record_id), '') as record_id, string_agg(int8send(identifier_id), '') as identifier_id
from (
    select record_id, identifier_id
    from profiles_recordidentifier
    order by record_id, identifier_id
) shows
