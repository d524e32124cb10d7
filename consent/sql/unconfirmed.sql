-- The profile behind an address that was asked to confirm and never did, where nothing but forms knows
-- it: every record is a form's, nothing stands in the ledger but unanswered requests, and none is younger.
SELECT own.profile_id
FROM profiles_recordidentifier shown
JOIN profiles_sourcerecord own ON own.id = shown.record_id
WHERE shown.identifier_id = :identifier_id
    AND NOT EXISTS (
        SELECT 1
        FROM profiles_sourcerecord r
        WHERE r.profile_id = own.profile_id
            AND NOT EXISTS (
                SELECT 1
                FROM consent_collectionpoint p
                JOIN consent_consentform f ON f.point_id = p.id
                WHERE p.source_id = r.source_id
            )
    )
    AND NOT EXISTS (
        SELECT 1
        FROM profiles_sourcerecord r
        JOIN profiles_recordidentifier i ON i.record_id = r.id
        JOIN consent_consentevent e ON e.identifier_id = i.identifier_id OR e.record_id = r.id
        WHERE r.profile_id = own.profile_id
            AND (e.type <> 'DOI_REQUESTED' OR e.recorded_at > :before)
    )
    AND NOT EXISTS (
        SELECT 1
        FROM profiles_sourcerecord r
        JOIN profiles_recordidentifier i ON i.record_id = r.id
        JOIN consent_confirmation c ON c.identifier_id = i.identifier_id
        WHERE r.profile_id = own.profile_id AND (c.confirmed_at IS NOT NULL OR c.asked_at > :before)
    )
LIMIT 1
