-- A "no" at this point was only a box left empty: what was taken for refusals is taken back.
INSERT INTO consent_consentevent (
    identifier_id, record_id, type, scope, purpose, channel, kind, proof, point_id,
    source_system, source_event_id, order_ref, campaign_ref, experiment_variant,
    controller, shared_group, guardian, via, actor, target_id, note
)
SELECT
    e.identifier_id, e.record_id, 'INVALIDATED', e.scope, e.purpose, e.channel, e.kind, 'B', e.point_id,
    'foyer', 'empty box ' || e.position, '', '', '', '', '', false, '', 'staff', e.position, :note
FROM consent_consentevent e
WHERE e.point_id = :point_id AND e.type IN ('DENY', 'WITHDRAW') AND e.kind IN ('snapshot', 'import')
    AND NOT EXISTS (SELECT 1 FROM consent_consentevent t WHERE t.target_id = e.position)
ORDER BY e.position
RETURNING identifier_id
