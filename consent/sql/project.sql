-- Brings the state of some contact points up to the ledger; rows that are right stay untouched.
INSERT INTO consent_consentstate AS s
    (identifier_id, purpose, channel, state, since, lifted_at, deciding_event_id, ledger_position)
SELECT identifier_id, purpose, channel, state, since, lifted_at, deciding_event_id, ledger_position
FROM consent_state_now
WHERE identifier_id = ANY(CAST(:identifier_ids AS bigint[]))
ON CONFLICT (identifier_id, purpose, channel) DO UPDATE SET
    state = excluded.state, since = excluded.since, lifted_at = excluded.lifted_at,
    deciding_event_id = excluded.deciding_event_id, ledger_position = excluded.ledger_position
WHERE (s.state, s.since, s.lifted_at, s.deciding_event_id, s.ledger_position)
    IS DISTINCT FROM (
        excluded.state, excluded.since, excluded.lifted_at, excluded.deciding_event_id, excluded.ledger_position
    )
