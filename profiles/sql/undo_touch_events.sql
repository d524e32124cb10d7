insert into stage_touched (profile_id)
select r.profile_id
from profiles_event e
join profiles_sourcerecord r on r.id = e.record_id
where e.intake_id = :intake
on conflict do nothing
