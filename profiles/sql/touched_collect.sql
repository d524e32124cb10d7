-- Profiles whose golden values may have changed.
insert into stage_touched (profile_id)
select r.profile_id
from stage_person s
join profiles_sourcerecord r on r.id = s.record_id
union
select r.profile_id
from stage_order o
join profiles_sourcerecord r on r.id = o.record_id
on conflict do nothing
