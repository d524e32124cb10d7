-- Takes back every yes that one delivery brought. Its nos stay: whoever said no must not
-- be written to again because a file was undone, and a daily file may not repeat it.
INSERT INTO consent_consentevent (
    identifier_id, record_id, type, scope, purpose, channel, kind, proof, point_id,
    source_system, source_event_id, order_ref, campaign_ref, experiment_variant,
    controller, shared_group, guardian, via, actor, target_id, note
)
SELECT
    e.identifier_id, e.record_id, 'INVALIDATED', e.scope, e.purpose, e.channel, e.kind, 'B', e.point_id,
    'foyer', 'undo ' || e.position, '', '', '', '', '', false, '', 'staff', e.position, :note
FROM consent_consentevent e
WHERE e.intake_id = :intake_id
    AND e.type IN ('GRANT', 'CARRIED', 'DOI_REQUESTED', 'DOI_CONFIRMED')
    AND NOT EXISTS (SELECT 1 FROM consent_consentevent t WHERE t.target_id = e.position)
ORDER BY e.position
RETURNING identifier_id
