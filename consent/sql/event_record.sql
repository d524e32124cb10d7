-- One thing said. The same thing told again, by a webhook that comes three times, writes nothing.
INSERT INTO consent_consentevent (
    identifier_id, record_id, type, scope, purpose, channel, occurred_at, kind, proof,
    point_id, text_id, source_system, source_event_id, order_ref, campaign_ref, experiment_variant,
    controller, shared_group, guardian, via, actor, carried_from_id, target_id, intake_id, note
) VALUES (
    :identifier_id, :record_id, :type, :scope, :purpose, :channel, :occurred_at, :kind, :proof,
    :point_id, :text_id, :source_system, :source_event_id, :order_ref, :campaign_ref, :experiment_variant,
    '', '', :guardian, :via, :actor, :carried_from_id, :target_id, :intake_id, :note
)
ON CONFLICT (identifier_id, source_system, source_event_id, purpose, channel) DO NOTHING
RETURNING position
