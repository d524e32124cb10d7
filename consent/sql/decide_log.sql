-- The decision about one message for each of these contact points (decided.sql), written to the log with
-- the facts it rested on: a person's own beside the ledger, whose rows are named by their number.
WITH :part_decided, spoken AS (
    SELECT id, array_agg(position ORDER BY position) AS positions FROM heard GROUP BY id
), relation AS (
    SELECT
        id,
        array_agg(
            concat_ws('|', type, day, coalesce(CAST(last_day AS text), '-'), party, category, optout)
            ORDER BY type, category, optout, party
        ) AS relations
    FROM sale
    GROUP BY id
)
INSERT INTO consent_senddecision (
    message, identifier_id, purpose, channel, decision, basis, reason, flags, rules_version, deciding_events,
    facts, decided_at
)
SELECT
    :label, d.id, :purpose, :channel, d.decision, d.basis, d.reason, d.flags, :rules_version, d.deciding,
    jsonb_strip_nulls(jsonb_build_object(
        'class', CAST(:class AS text),
        'category', CAST(:category AS text),
        'notice', CASE WHEN :tells_source THEN true END,
        'country', p.country,
        'status', p.status,
        'shared', p.shared,
        'restricted', CASE WHEN p.restricted THEN true END,
        'registers', p.registers,
        'sent_last_7d', CASE WHEN :pace THEN p.sent_week END,
        'sms_last_7d', CASE WHEN :pace THEN p.sms_week END,
        'sent_last_30d', CASE WHEN :pace THEN p.sent_month END,
        'last_day', live.last_day,
        'relations', coalesce(relation.relations, '{}'),
        'events', coalesce(spoken.positions, '{}')
    )),
    CAST(:now AS timestamptz)
FROM decided d
JOIN person p ON p.id = d.id
LEFT JOIN live ON live.id = d.id
LEFT JOIN relation ON relation.id = d.id
LEFT JOIN spoken ON spoken.id = d.id
RETURNING identifier_id, decision, basis, reason, flags, deciding_events
