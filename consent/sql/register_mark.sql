-- Every own contact point that a register in force names.
INSERT INTO consent_registermark (identifier_id, register, channel)
SELECT DISTINCT
    o.identifier_id, f.register, CASE WHEN f.register LIKE '%post' THEN 'post' ELSE 'phone' END
FROM consent_register_own o
JOIN consent_registerentry e ON e.digest = o.digest
JOIN consent_registerfile f ON f.id = e.file_id AND f.state = 'in_force'
WHERE o.number OR f.register LIKE '%post'
ON CONFLICT (identifier_id, register) DO NOTHING
