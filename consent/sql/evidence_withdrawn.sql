-- Evidence of a yes goes when the yes is taken back (CONSENT.md 1.8): where a no that covers it was
-- written later. Of these contact points, or of everybody.
DELETE FROM consent_consentevidence v
USING consent_consentevent yes
WHERE yes.position = v.event_id
    AND (CAST(:everybody AS boolean) OR yes.identifier_id = ANY(CAST(:identifier_ids AS bigint[])))
    AND EXISTS (
        SELECT 1
        FROM consent_consentevent no
        WHERE no.position > yes.position
            AND no.target_id IS NULL
            AND no.type IN ('DENY', 'WITHDRAW', 'OBJECT', 'COMPLAINT')
            AND (
                no.identifier_id = yes.identifier_id
                OR (no.scope = 'person' AND no.record_id IN (
                    SELECT theirs.id
                    FROM profiles_recordidentifier shown
                    JOIN profiles_sourcerecord own ON own.id = shown.record_id
                    JOIN profiles_sourcerecord theirs ON theirs.profile_id = own.profile_id
                    WHERE shown.identifier_id = yes.identifier_id
                ))
            )
            AND no.purpose IN (yes.purpose, '*')
            AND no.channel IN (yes.channel, '*')
    )
