-- Ids merged away point at whoever has the records that were born into them.
update profiles_profile p
set merged_into_id = m.survivor, updated_at = now()
from unnest(:merged::bigint[], :survivors::bigint[]) as m (merged, survivor)
where p.id = m.merged and p.state = 'merged' and m.survivor <> p.id
    and p.merged_into_id is distinct from m.survivor
    and not exists (select from profiles_sourcerecord r where r.profile_id = p.id)
