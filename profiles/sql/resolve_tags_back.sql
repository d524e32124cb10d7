-- Profiles that get their id back get their tags back. The other keeps what it had before, and what has
-- been given anew since.
with merged as materialized (
    select id from profiles_profile where id = any(:after::bigint[]) and state = 'merged'
), back as (
    select distinct m.before, merged.id
    from unnest(:before::bigint[], :after::bigint[]) as m (before, after)
    join merged on merged.id = m.after
), told as materialized (
    select back.before, back.id as profile_id, (tag.value ->> 0)::bigint as tag_id, tag.value ->> 1 as origin,
        (tag.value ->> 2)::timestamptz as since, (tag.value ->> 3)::timestamptz as had
    from back
    cross join lateral (
        select evidence
        from profiles_decision
        where kind = 'merge' and retired_id = back.id
        order by id desc
        limit 1
    ) decision
    cross join lateral jsonb_array_elements(decision.evidence -> 'tags') as tag (value)
), taken as (
    delete from profiles_profiletag t
    using told
    where told.had is null and t.profile_id = told.before and t.tag_id = told.tag_id
        and t.origin = told.origin and t.since = told.since
), turned_back as (
    update profiles_profiletag t
    set since = told.had
    from told
    where t.profile_id = told.before and t.tag_id = told.tag_id and t.origin = told.origin
        and t.since = told.since and told.had > told.since
)
insert into profiles_profiletag (profile_id, tag_id, origin, since)
select distinct on (profile_id, tag_id, origin) profile_id, tag_id, origin, since
from told
order by profile_id, tag_id, origin, since
on conflict (profile_id, tag_id, origin) do nothing
