-- Tags from orders follow the orders (gild_tags); all others follow the person. The earliest `since` stands.
with gone as (
    delete from profiles_profiletag t
    using unnest(:retired::bigint[], :survivors::bigint[]) as m (retired, survivor)
    where t.profile_id = m.retired and t.origin <> 'orders'
    returning m.survivor, t.tag_id, t.origin, t.since
)
insert into profiles_profiletag (profile_id, tag_id, origin, since)
select survivor, tag_id, origin, min(since)
from gone
group by survivor, tag_id, origin
on conflict (profile_id, tag_id, origin) do update
set since = least(profiles_profiletag.since, excluded.since)
