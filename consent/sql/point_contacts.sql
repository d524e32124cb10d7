-- Everybody whose answer may rest on a point: those asked there, and the buyers of its
-- source, for whom it says whether they could decline.
SELECT coalesce(array_agg(DISTINCT found.identifier_id), '{}')
FROM (
    SELECT e.identifier_id FROM consent_consentevent e WHERE e.point_id = :point_id
    UNION
    SELECT ri.identifier_id
    FROM profiles_sourcerecord r
    JOIN profiles_recordidentifier ri ON ri.record_id = r.id
    WHERE r.source_id = :source_id
) found
WHERE found.identifier_id IS NOT NULL
