-- Remembered nos of a point that were taken for empty boxes and are not in the ledger.
SELECT count(*)
FROM consent_snapshotstate f
JOIN consent_collectionpoint p ON p.id = f.point_id
CROSS JOIN LATERAL unnest(p.purposes) AS asked (purpose)
WHERE f.point_id = :point_id AND NOT f.answer
    AND NOT EXISTS (
        SELECT 1 FROM consent_consentstate s
        WHERE s.identifier_id = f.identifier_id AND s.purpose = asked.purpose AND s.channel = f.channel
            AND s.state IN ('refused', 'withdrawn')
    )
