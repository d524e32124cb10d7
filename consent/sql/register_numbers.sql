-- Own numbers of one country that somebody's record shows, without people whose data is locked.
SELECT i.value
FROM profiles_identifier i
WHERE i.kind_id = 'phone' AND i.state <> 'blocked' AND starts_with(i.value, :prefix)
    AND EXISTS (SELECT 1 FROM profiles_recordidentifier ri WHERE ri.identifier_id = i.id)
    AND NOT EXISTS (
        SELECT 1
        FROM profiles_recordidentifier ri
        JOIN profiles_sourcerecord r ON r.id = ri.record_id
        JOIN profiles_sourcerecord other ON other.profile_id = r.profile_id
        JOIN profiles_recordmark m ON m.record_id = other.id AND m.kind = 'restricted'
        WHERE ri.identifier_id = i.id
    )
ORDER BY i.value
