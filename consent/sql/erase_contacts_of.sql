-- Contact points that entries of these records hang on, whoever shows them now.
SELECT DISTINCT e.identifier_id
FROM consent_consentevent e
WHERE e.record_id = ANY(CAST(:records AS bigint[])) AND e.identifier_id IS NOT NULL
    AND e.identifier_id <> ALL(CAST(:identifiers AS bigint[]))
    AND e.identifier_id <> ALL(CAST(:shared AS bigint[]))
