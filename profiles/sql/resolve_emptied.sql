select p.id
from unnest(:profiles::bigint[]) as p (id)
where not exists (select from profiles_sourcerecord r where r.profile_id = p.id)
