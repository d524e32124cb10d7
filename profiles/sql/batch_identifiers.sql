-- Every identifier in numbers: its kind's and state's place in their lists, and whether a person said so.
-- Each column is one string of 8-byte numbers.
select string_agg(int8send(id), '') as id, string_agg(int8send(kind), '') as kind, string_agg(int8send(namespace), '') as namespace,
    string_agg(int8send(state), '') as state, string_agg(int8send(by_person), '') as by_person
from (
    select id, array_position(:kinds::text[], kind_id::text)::bigint - 1 as kind,
        hashtextextended(namespace, 0) as namespace,
        array_position(array['normal', 'shared', 'held', 'blocked'], state::text)::bigint - 1 as state,
        (decided_by <> '')::int::bigint as by_person
    from profiles_identifier
    order by id
) identifier
