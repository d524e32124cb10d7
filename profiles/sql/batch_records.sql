-- Every record in numbers: who it belongs to, and hashes of what it is called; 0 stands for nothing said.
-- Each column is one string of 8-byte numbers.
select string_agg(int8send(id), '') as id, string_agg(int8send(profile_id), '') as profile_id,
    string_agg(int8send(first_profile_id), '') as first_profile_id, string_agg(int8send(given), '') as given,
    string_agg(int8send(name), '') as name, string_agg(int8send(born), '') as born
from (
    select id, profile_id, first_profile_id,
        case when given_key = '' then 0 else hashtextextended(given_key, 0) end as given,
        case when name_key = '' then 0 else hashtextextended(name_key, 0) end as name,
        coalesce(birth_date - date '0001-01-01' + 1, 0)::bigint as born
    from profiles_sourcerecord
    order by id
) record
