-- Every contact point of these people.
SELECT DISTINCT ri.identifier_id
FROM profiles_sourcerecord r
JOIN profiles_recordidentifier ri ON ri.record_id = r.id
JOIN profiles_identifier i ON i.id = ri.identifier_id AND i.kind_id IN ('email', 'phone')
WHERE r.profile_id = ANY(CAST(:profile_ids AS bigint[]))
