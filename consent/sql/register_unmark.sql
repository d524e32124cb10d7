-- Marks that no register in force stands behind any more.
DELETE FROM consent_registermark m
WHERE (:everybody OR m.identifier_id = ANY(CAST(:identifier_ids AS bigint[])))
    AND NOT EXISTS (
        SELECT 1
        FROM consent_register_own o
        JOIN consent_registerentry e ON e.digest = o.digest
        JOIN consent_registerfile f ON f.id = e.file_id AND f.state = 'in_force' AND f.register = m.register
        WHERE o.identifier_id = m.identifier_id AND (o.number OR f.register LIKE '%post')
    )
