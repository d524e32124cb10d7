-- What of the house's own may stand on a register: each number, and each contact point beside the
-- postal address of a record that shows it.
SELECT i.id, 'number' AS what, i.value, '' AS given, '' AS family, '' AS postal, '' AS street
FROM profiles_identifier i
WHERE i.kind_id = 'phone' AND (:everybody OR i.id = ANY(CAST(:identifier_ids AS bigint[])))
UNION ALL
SELECT DISTINCT i.id, 'address', i.value, r.given_name, r.family_name, r.postal_code, r.street
FROM profiles_identifier i
JOIN profiles_recordidentifier ri ON ri.identifier_id = i.id
JOIN profiles_sourcerecord r ON r.id = ri.record_id AND r.street <> '' AND r.postal_code <> ''
WHERE i.kind_id IN ('email', 'phone') AND (:everybody OR i.id = ANY(CAST(:identifier_ids AS bigint[])))
