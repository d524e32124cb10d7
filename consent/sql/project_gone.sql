-- Permissions of which the ledger has nothing left: all their events were taken back.
DELETE FROM consent_consentstate s
WHERE s.identifier_id = ANY(CAST(:identifier_ids AS bigint[]))
    AND NOT EXISTS (
        SELECT 1 FROM consent_consentevent e
        WHERE e.identifier_id = s.identifier_id AND e.purpose = s.purpose AND e.channel = s.channel
            AND e.target_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM consent_consentevent t WHERE t.target_id = e.position)
    )
