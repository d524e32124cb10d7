-- The message went to these contact points: their latest permission to send it was used.
UPDATE consent_senddecision d
SET acted_at = CAST(:at AS timestamptz)
FROM (
    SELECT DISTINCT ON (identifier_id) id
    FROM consent_senddecision
    WHERE message = :label AND identifier_id = ANY(CAST(:identifier_ids AS bigint[]))
        AND decision = 'ALLOW' AND acted_at IS NULL
    ORDER BY identifier_id, decided_at DESC, id DESC
) latest
WHERE d.id = latest.id
RETURNING d.identifier_id, d.channel, d.basis
