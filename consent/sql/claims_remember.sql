-- The flags as this delivery showed them. A yes that a standing no or a tombstone refused is
-- not remembered: were the no taken back, tomorrow's yes would be a first sight again.
INSERT INTO consent_snapshotstate (point_id, identifier_id, channel, answer, changed_at, intake_id)
SELECT DISTINCT ON (point_id, identifier_id, channel)
    point_id, identifier_id, channel, answer, now(), :intake_id
FROM consent_change
WHERE kind <> 'act' AND verdict NOT IN ('same', 'no_address', 'standing_no', 'suppressed')
ON CONFLICT (point_id, identifier_id, channel) DO UPDATE
    SET answer = excluded.answer, changed_at = excluded.changed_at, intake_id = excluded.intake_id
