-- A value on too many people stays a contact point, but never joins again by itself. Whoever is shown with it
-- may have a better one.
with held as (
    update profiles_identifier
    set state = 'held', state_reason = 'on more people than its kind allows'
    where id = any(:identifiers) and state = 'normal' and decided_by = ''
    returning id
)
insert into stage_touched (profile_id)
select distinct r.profile_id
from held
join profiles_recordidentifier ri on ri.identifier_id = held.id
join profiles_sourcerecord r on r.id = ri.record_id
on conflict (profile_id) do update
set recast = true
where not stage_touched.recast
