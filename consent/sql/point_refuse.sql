-- A "no" at this point is a refusal after all: the remembered ones are written now, dated
-- from when the source first showed them.
INSERT INTO consent_consentevent (
    identifier_id, type, scope, purpose, channel, occurred_at, kind, proof, point_id,
    source_system, source_event_id, order_ref, campaign_ref, experiment_variant,
    controller, shared_group, guardian, via, actor, intake_id, note
)
SELECT
    f.identifier_id, CASE WHEN s.state = 'given' THEN 'WITHDRAW' ELSE 'DENY' END, 'address',
    asked.purpose, f.channel, f.changed_at, p.kind, 'B', p.id,
    'foyer', p.key || ':refused ' || CAST(f.changed_at AS text), '', '', '',
    '', '', false, '', 'person', f.intake_id, :note
FROM consent_snapshotstate f
JOIN consent_collectionpoint p ON p.id = f.point_id
CROSS JOIN LATERAL unnest(p.purposes) AS asked (purpose)
LEFT JOIN consent_consentstate s
    ON s.identifier_id = f.identifier_id AND s.purpose = asked.purpose AND s.channel = f.channel
WHERE f.point_id = :point_id AND NOT f.answer AND coalesce(s.state, '') NOT IN ('refused', 'withdrawn')
ON CONFLICT (identifier_id, source_system, source_event_id, purpose, channel) DO NOTHING
RETURNING identifier_id
