-- Bare claims at a point that nobody has opened yet: how many would open, and how many
-- are of people who have said no.
SELECT
    count(*) FILTER (WHERE NOT closed) AS opens,
    count(*) FILTER (WHERE closed) AS stays_closed
FROM (
    SELECT EXISTS (
        SELECT 1 FROM consent_consentstate s
        WHERE s.identifier_id = e.identifier_id
            AND s.purpose IN (e.purpose, '*') AND s.channel IN (e.channel, '*')
            AND s.state IN ('refused', 'withdrawn')
    ) AS closed
    FROM consent_consentevent e
    WHERE e.point_id = :point_id AND e.proof = 'C' AND e.type = 'GRANT'
        AND NOT EXISTS (SELECT 1 FROM consent_consentevent t WHERE t.target_id = e.position)
        AND NOT EXISTS (
            SELECT 1 FROM consent_consentevent v
            WHERE v.identifier_id = e.identifier_id AND v.source_system = 'foyer'
                AND v.source_event_id = 'verified ' || e.position
        )
) waiting
