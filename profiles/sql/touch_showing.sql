-- Whoever shows one of these identifiers: which value counts may depend on its state.
insert into stage_touched (profile_id)
select distinct r.profile_id
from profiles_recordidentifier ri
join profiles_sourcerecord r on r.id = ri.record_id
where ri.identifier_id = any(:identifiers)
on conflict do nothing
