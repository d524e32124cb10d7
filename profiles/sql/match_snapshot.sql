-- Everything comparable, in the order of the records, and whose it is now.
select f.record_id, r.source_id, r.profile_id, f.digest, array_to_string(f.values, E'\x1f')
from profiles_matchfeatures f
join profiles_sourcerecord r on r.id = f.record_id
order by f.record_id
