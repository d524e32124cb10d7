insert into stage_touched (profile_id)
select r.profile_id
from profiles_order o
join profiles_sourcerecord r on r.id = o.record_id
where o.intake_id = :intake
    or exists (select from profiles_orderline l where l.order_id = o.id and l.intake_id = :intake)
on conflict do nothing
