-- Every record in numbers: who it belongs to, and hashes of what it is called; 0 stands for nothing said.
copy (
    select id, profile_id, first_profile_id,
        case when given_key = '' then 0 else hashtextextended(given_key, 0) end,
        case when name_key = '' then 0 else hashtextextended(name_key, 0) end,
        coalesce(birth_date - date '0001-01-01' + 1, 0)::bigint
    from profiles_sourcerecord
    order by id
) to stdout (format binary)
