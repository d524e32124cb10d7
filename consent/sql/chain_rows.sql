-- Every row the ledger ever had, as its hash; an erased one has left its own. In the chain's order.
SELECT CAST(recorded_at AT TIME ZONE 'UTC' AS date) AS day, position, row_sha256
FROM (
    SELECT position, recorded_at, row_sha256 FROM consent_event_hash
    UNION ALL
    SELECT position, recorded_at, row_sha256 FROM consent_erasedevent
) e
WHERE recorded_at >= CAST(:since AS timestamptz) AND recorded_at < CAST(:until AS timestamptz)
ORDER BY CAST(recorded_at AT TIME ZONE 'UTC' AS date), position
