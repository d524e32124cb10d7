-- For the people list: the best basket among each person's e-mail addresses.
SELECT DISTINCT ON (r.profile_id) r.profile_id, a.basket
FROM profiles_sourcerecord r
JOIN profiles_recordidentifier ri ON ri.record_id = r.id
JOIN consent_contactanswer a ON a.identifier_id = ri.identifier_id AND a.channel = 'email'
WHERE r.profile_id = ANY(CAST(:profile_ids AS bigint[]))
ORDER BY r.profile_id, array_position(ARRAY['marketing', 'own_similar', 'service', 'none'], CAST(a.basket AS text))
