insert into profiles_matchfeatures (record_id, digest, values)
select record_id, digest, string_to_array(texts, E'\x1f')
from stage_features
on conflict (record_id) do update
set digest = excluded.digest, values = excluded.values
