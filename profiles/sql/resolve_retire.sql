-- Whoever pointed at a retired profile is turned to the survivor too, so that an old id is one step away.
update profiles_profile p
set merged_into_id = m.survivor, state = 'merged', updated_at = now()
from unnest(:retired::bigint[], :survivors::bigint[]) as m (retired, survivor)
where (p.id = m.retired or p.merged_into_id = m.retired) and p.id <> m.survivor
