-- Every contact point of the person that a record belongs to.
SELECT array_agg(DISTINCT ri.identifier_id)
FROM profiles_sourcerecord one
JOIN profiles_sourcerecord r ON r.profile_id = one.profile_id
JOIN profiles_recordidentifier ri ON ri.record_id = r.id
JOIN profiles_identifier i ON i.id = ri.identifier_id AND i.kind_id IN ('email', 'phone')
WHERE one.id = :record_id
