-- Every show bought is a tag on the buyer; whatever is no longer paid for is taken back.
with wanted as materialized (
    select r.profile_id, p.tag_id, min(o.ordered_at) as since
    from stage_touched t
    join profiles_sourcerecord r on r.profile_id = t.profile_id
    join profiles_order o on o.record_id = r.id and o.status = 'paid'
    join profiles_orderline l on l.order_id = o.id and l.status in ('paid', '')
    join profiles_product p on p.id = l.product_id and p.tag_id is not null
    group by r.profile_id, p.tag_id
), gone as (
    delete from profiles_profiletag pt
    using stage_touched t
    where pt.profile_id = t.profile_id and pt.origin = 'orders'
        and not exists (
            select from wanted w where w.profile_id = pt.profile_id and w.tag_id = pt.tag_id
        )
)
insert into profiles_profiletag (profile_id, tag_id, origin, since)
select profile_id, tag_id, 'orders', since
from wanted
on conflict (profile_id, tag_id, origin) do update
set since = excluded.since
where profiles_profiletag.since <> excluded.since
