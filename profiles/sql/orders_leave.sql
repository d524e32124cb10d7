-- Buyers whom an order leaves for somebody else: their counters and tags change too.
insert into stage_touched (profile_id, recast)
select distinct r.profile_id, false
from stage_order s
join profiles_order o on o.id = s.order_id
join profiles_sourcerecord r on r.id = o.record_id
where s.changed and s.record_id is distinct from o.record_id
on conflict do nothing
