-- Of these records, those that are gone, are somebody else's now, or are compared by other values.
select seen.record_id
from unnest(:records::bigint[], :profiles::bigint[], :digests::bigint[]) as seen (record_id, profile_id, digest)
left join profiles_sourcerecord r on r.id = seen.record_id
left join profiles_matchfeatures f on f.record_id = seen.record_id
where r.profile_id is distinct from seen.profile_id or f.digest is distinct from seen.digest
