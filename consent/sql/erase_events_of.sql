-- Everything that was said at addresses of the person alone, whatever the person's records said anywhere, and
-- what takes any of it back or was carried on from it.
WITH RECURSIVE theirs AS (
    SELECT e.position
    FROM consent_consentevent e
    WHERE e.identifier_id = ANY(CAST(:identifiers AS bigint[]))
    UNION
    SELECT e.position
    FROM consent_consentevent e
    WHERE e.record_id = ANY(CAST(:records AS bigint[]))
    UNION
    SELECT e.position
    FROM theirs t
    JOIN consent_consentevent e ON e.target_id = t.position OR e.carried_from_id = t.position
)
SELECT array_agg(position) FROM theirs
