select r.id
from stage_touched t
join profiles_sourcerecord r on r.profile_id = t.profile_id
