-- Gives records to their person. A record born in this delivery was never anybody else's.
update profiles_sourcerecord r
set profile_id = m.profile_id,
    first_profile_id = case when m.born then m.profile_id else r.first_profile_id end
from unnest(:records::bigint[], :profiles::bigint[], :born::bool[]) as m (record_id, profile_id, born)
where r.id = m.record_id
