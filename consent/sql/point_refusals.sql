-- Refusals recorded from a repeated flag or a file at this point that still count.
SELECT count(*)
FROM consent_consentevent e
WHERE e.point_id = :point_id AND e.type IN ('DENY', 'WITHDRAW') AND e.kind IN ('snapshot', 'import')
    AND NOT EXISTS (SELECT 1 FROM consent_consentevent t WHERE t.target_id = e.position)
