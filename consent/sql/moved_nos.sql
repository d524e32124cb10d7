-- Nos that were said for an address which the same record has since replaced, and that the new one lacks.
-- Not where a proven yes of the person has lifted it there since, or the house took it back.
SELECT DISTINCT new.id AS identifier_id, e.position
FROM profiles_identifier new
JOIN profiles_recordidentifier shows ON shows.identifier_id = new.id
JOIN profiles_sourcerecord r ON r.id = shows.record_id
    AND new.value = CASE new.kind_id WHEN 'email' THEN r.email ELSE r.phone END
JOIN profiles_recordidentifier showed ON showed.record_id = r.id AND showed.last_seen < shows.first_seen
JOIN profiles_identifier old ON old.id = showed.identifier_id AND old.kind_id = new.kind_id
JOIN consent_consentevent e ON e.identifier_id = old.id
    AND e.type IN ('WITHDRAW', 'DENY', 'OBJECT', 'COMPLAINT') AND e.scope = 'address'
WHERE new.id = ANY(CAST(:identifier_ids AS bigint[])) AND new.kind_id IN ('email', 'phone')
    AND NOT EXISTS (SELECT 1 FROM consent_consentevent t WHERE t.target_id = e.position)
    AND NOT EXISTS (
        SELECT 1
        FROM consent_consentevent y
        WHERE y.identifier_id = old.id AND y.position > e.position AND y.type = 'GRANT' AND y.proof = 'A'
            AND y.purpose = e.purpose AND y.channel = e.channel
    )
    AND NOT EXISTS (
        SELECT 1
        FROM consent_consentevent c
        WHERE c.identifier_id = new.id AND c.carried_from_id = e.position
    )
ORDER BY e.position
