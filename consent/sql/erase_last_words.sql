-- Of every key the last yes and the last no that still count.
SELECT DISTINCT ON (e.identifier_id, e.purpose, e.channel, is_no)
    e.identifier_id, e.record_id, e.type, e.purpose, e.channel, e.text_id, e.point_id, e.occurred_at,
    e.recorded_at, e.source_system, e.type IN ('DENY', 'WITHDRAW', 'OBJECT', 'COMPLAINT') AS is_no
FROM consent_consentevent e
WHERE e.position = ANY(CAST(:doomed AS bigint[])) AND e.identifier_id IS NOT NULL
    AND e.type IN ('GRANT', 'CARRIED', 'DOI_CONFIRMED', 'DENY', 'WITHDRAW', 'OBJECT', 'COMPLAINT')
    AND e.target_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM consent_consentevent t WHERE t.target_id = e.position)
ORDER BY
    e.identifier_id, e.purpose, e.channel, is_no, coalesce(e.occurred_at, e.recorded_at) DESC, e.position DESC
