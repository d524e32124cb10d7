-- The words of every name a person goes by.
with wanted as materialized (
    select distinct t.profile_id, word.token
    from stage_touched t
    join profiles_sourcerecord r on r.profile_id = t.profile_id
    cross join lateral unnest(string_to_array(r.name_key, ' ')) as word (token)
    where t.recast and word.token <> ''
), gone as (
    delete from profiles_searchkey k
    using stage_touched t
    where t.recast and k.profile_id = t.profile_id
        and not exists (select from wanted w where w.profile_id = k.profile_id and w.token = k.token)
)
insert into profiles_searchkey (profile_id, token)
select profile_id, token
from wanted
on conflict (profile_id, token) do nothing
