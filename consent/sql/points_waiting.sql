-- Per collection point, bare claims that nobody has opened or taken back.
SELECT e.point_id, count(*) AS waiting
FROM consent_consentevent e
WHERE e.proof = 'C' AND e.type = 'GRANT' AND e.point_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM consent_consentevent t WHERE t.target_id = e.position)
    AND NOT EXISTS (
        SELECT 1 FROM consent_consentevent v
        WHERE v.identifier_id = e.identifier_id AND v.source_system = 'foyer'
            AND v.source_event_id = 'verified ' || e.position
    )
GROUP BY e.point_id
