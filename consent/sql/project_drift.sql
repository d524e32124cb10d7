-- Rows on which projection and ledger disagree, with what each of them says.
SELECT
    coalesce(n.identifier_id, s.identifier_id) AS identifier_id,
    coalesce(n.purpose, s.purpose) AS purpose,
    coalesce(n.channel, s.channel) AS channel,
    s.state AS projected,
    n.state AS ledger
FROM consent_state_now n
FULL JOIN consent_consentstate s
    ON s.identifier_id = n.identifier_id AND s.purpose = n.purpose AND s.channel = n.channel
WHERE (s.state, s.since, s.lifted_at, s.deciding_event_id, s.ledger_position)
    IS DISTINCT FROM (n.state, n.since, n.lifted_at, n.deciding_event_id, n.ledger_position)
ORDER BY 1, 2, 3
