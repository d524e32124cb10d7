-- The buyers of orders it wrote or told a ticket of, and those whom such orders return to.
insert into stage_touched (profile_id)
select r.profile_id
from profiles_sourcerecord r
where r.id in (
    select o.record_id
    from profiles_order o
    where o.intake_id = :intake
    union
    select o.record_id
    from profiles_orderline l
    join profiles_order o on o.id = l.order_id
    where l.intake_id = :intake
    union
    select (v.values ->> 'record_id')::bigint
    from profiles_order o
    join profiles_orderversion v on v.order_id = o.id
    where o.intake_id = :intake
)
on conflict do nothing
