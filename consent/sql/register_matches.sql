-- Own contact points that one file names.
SELECT count(DISTINCT o.identifier_id)
FROM consent_registerfile f
JOIN consent_registerentry e ON e.file_id = f.id
JOIN consent_register_own o ON o.digest = e.digest AND (o.number OR f.register LIKE '%post')
WHERE f.id = :file_id
