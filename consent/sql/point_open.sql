-- The waiting claims of a point that is verified now, as yes of grade B. They count from
-- the claim's own date, or from when it was first seen. Undoing the delivery that brought
-- the claim takes this yes back too.
INSERT INTO consent_consentevent (
    identifier_id, record_id, type, scope, purpose, channel, occurred_at, kind, proof,
    point_id, text_id, source_system, source_event_id, order_ref, campaign_ref, experiment_variant,
    controller, shared_group, guardian, via, actor, intake_id, note
)
SELECT
    e.identifier_id, e.record_id, 'GRANT', e.scope, e.purpose, e.channel,
    coalesce(e.occurred_at, e.recorded_at), e.kind, 'B',
    e.point_id, p.text_id, 'foyer', 'verified ' || e.position, e.order_ref, '', '',
    e.controller, e.shared_group, e.guardian, e.via, 'staff', e.intake_id, :note
FROM consent_consentevent e
JOIN consent_collectionpoint p ON p.id = e.point_id
WHERE e.point_id = :point_id AND e.proof = 'C' AND e.type = 'GRANT'
    AND NOT EXISTS (SELECT 1 FROM consent_consentevent t WHERE t.target_id = e.position)
    AND NOT EXISTS (
        SELECT 1 FROM consent_consentstate s
        WHERE s.identifier_id = e.identifier_id
            AND s.purpose IN (e.purpose, '*') AND s.channel IN (e.channel, '*')
            AND s.state IN ('refused', 'withdrawn')
    )
ORDER BY e.position
ON CONFLICT (identifier_id, source_system, source_event_id, purpose, channel) DO NOTHING
RETURNING identifier_id
