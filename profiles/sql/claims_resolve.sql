-- The people behind claims.
select s.p, s.record_id, r.profile_id
from stage_person s
join profiles_sourcerecord r on r.id = s.record_id
