-- The whole projection from the ledger.
INSERT INTO consent_consentstate
    (identifier_id, purpose, channel, state, since, lifted_at, deciding_event_id, ledger_position)
SELECT identifier_id, purpose, channel, state, since, lifted_at, deciding_event_id, ledger_position
FROM consent_state_now
