-- The events of a chunk. Only a proven act is grade A: registered words, the person's own
-- time, and an order or event that names it. An act written before and taken back since
-- (its delivery was undone) is written anew, under an id that says so.
WITH written AS (
    SELECT
        c.*,
        CASE
            WHEN c.verdict <> 'no' THEN 'GRANT'
            WHEN c.remembered OR c.given THEN 'WITHDRAW'
            ELSE 'DENY'
        END AS type,
        CASE
            WHEN c.verdict = 'claim' THEN 'C'
            WHEN c.verdict = 'act' AND c.text_id IS NOT NULL AND c.occurred_at IS NOT NULL THEN 'A'
            ELSE 'B'
        END AS proof,
        CASE WHEN c.verdict = 'act' OR c.kind = 'act' THEN c.act_id ELSE c.flag_id END AS event_id
    FROM consent_change c
    WHERE c.verdict IN ('grant', 'act', 'claim', 'no')
)
INSERT INTO consent_consentevent (
    identifier_id, record_id, type, scope, purpose, channel, occurred_at, kind, proof,
    point_id, text_id, source_system, source_event_id, order_ref, campaign_ref, experiment_variant,
    controller, shared_group, guardian, via, actor, intake_id, note
)
SELECT
    w.identifier_id, w.record_id, w.type, 'address', w.purpose, w.channel,
    CASE WHEN w.verdict = 'claim' THEN w.occurred_at ELSE coalesce(w.occurred_at, statement_timestamp()) END,
    CASE WHEN w.verdict = 'act' THEN 'act' ELSE w.kind END,
    w.proof, w.point_id, w.text_id, w.source_system,
    w.event_id || CASE WHEN again.position IS NULL THEN '' ELSE ':' || CAST(:intake_id AS text) END,
    w.order_ref, '', '', '', '', false, '', 'person', :intake_id, ''
FROM written w
LEFT JOIN LATERAL (
    SELECT e.position
    FROM consent_consentevent e
    JOIN consent_consentevent t ON t.target_id = e.position
    WHERE e.identifier_id = w.identifier_id AND e.source_system = w.source_system
        AND e.source_event_id = w.event_id AND e.purpose = w.purpose AND e.channel = w.channel
    LIMIT 1
) again ON true
ORDER BY w.number
ON CONFLICT (identifier_id, source_system, source_event_id, purpose, channel) DO NOTHING
RETURNING type, proof
