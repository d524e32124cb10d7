-- Values that this delivery showed, or whose people it called something else, may have been held because of
-- it: they may join again, and `resolve` holds those anew that are still on too many people.
with released as (
    update profiles_identifier i
    set state = 'normal', state_reason = ''
    where i.state = 'held' and i.decided_by = ''
        and i.id in (
            select ri.identifier_id from profiles_recordidentifier ri where ri.intake_id = :intake
            union
            select ri.identifier_id
            from profiles_sourcerecord r
            join profiles_recordidentifier ri on ri.record_id = r.id
            where r.intake_id = :intake
        )
    returning i.id
)
insert into stage_touched (profile_id)
select distinct r.profile_id
from released
join profiles_recordidentifier ri on ri.identifier_id = released.id
join profiles_sourcerecord r on r.id = ri.record_id
on conflict do nothing
