-- Nos of a person that reach an address they share, unless a later act of the person lifted them. A no for the
-- whole person reaches every address they show.
WITH said AS (
    SELECT e.*, least(coalesce(e.occurred_at, e.recorded_at), e.recorded_at) AS no_at
    FROM consent_consentevent e
    WHERE e.position = ANY(CAST(:doomed AS bigint[])) AND e.target_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM consent_consentevent t WHERE t.target_id = e.position)
), reached AS (
    SELECT s.identifier_id, s.type, s.purpose, s.channel, s.no_at, s.position
    FROM said s
    WHERE s.type IN ('DENY', 'WITHDRAW', 'OBJECT', 'COMPLAINT') AND s.scope = 'address'
        AND s.identifier_id = ANY(CAST(:shared AS bigint[])) AND s.source_event_id <> :request
    UNION ALL
    SELECT i.id, s.type, s.purpose, s.channel, s.no_at, s.position
    FROM said s
    JOIN profiles_identifier i ON i.id = ANY(CAST(:shared AS bigint[])) AND i.kind_id IN ('email', 'phone')
    WHERE s.type IN ('DENY', 'WITHDRAW', 'OBJECT', 'COMPLAINT') AND s.scope = 'person'
        AND s.source_event_id <> :request
), latest AS (
    SELECT DISTINCT ON (identifier_id, purpose, channel) *
    FROM reached
    ORDER BY identifier_id, purpose, channel, no_at DESC, position DESC
)
SELECT l.identifier_id, l.type, l.purpose, l.channel, l.no_at AS at
FROM latest l
WHERE NOT EXISTS (
    SELECT 1
    FROM said y
    WHERE y.type IN ('GRANT', 'CARRIED', 'DOI_CONFIRMED') AND y.kind = 'act' AND y.proof = 'A'
        AND y.identifier_id = l.identifier_id AND y.purpose = l.purpose AND y.channel = l.channel
        AND y.occurred_at > l.no_at
)
