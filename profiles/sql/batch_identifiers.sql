-- Every identifier in numbers: its kind's and state's place in their lists, and whether a person said so.
copy (
    select id, array_position(:kinds::text[], kind_id::text)::bigint - 1,
        hashtextextended(namespace, 0),
        array_position(array['normal', 'shared', 'held', 'blocked'], state::text)::bigint - 1,
        (decided_by <> '')::int::bigint
    from profiles_identifier
    order by id
) to stdout (format binary)
