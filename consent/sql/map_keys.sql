-- By which kinds of identifier each source knows people, as a thousand of its records show: reading
-- them all would take as long as a run does. The records come by the source's own index.
SELECT s.id AS source_id, i.kind_id AS kind, count(DISTINCT r.id) AS shown
FROM profiles_source s
CROSS JOIN LATERAL (
    SELECT one.id
    FROM profiles_sourcerecord one
    WHERE one.source_id = s.id
    ORDER BY one.external_id
    LIMIT 1000
) r
JOIN profiles_recordidentifier ri ON ri.record_id = r.id
JOIN profiles_identifier i ON i.id = ri.identifier_id
GROUP BY s.id, i.kind_id
ORDER BY s.id, shown DESC, i.kind_id
