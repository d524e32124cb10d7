-- Who noted these ledger lines. The audit line of an act is written with the act, so the log is read
-- around each line's own time, by its index, and not from end to end.
SELECT DISTINCT ON (said.position) said.position, log.actor_label
FROM unnest(CAST(:positions AS bigint[]), CAST(:times AS timestamptz[])) AS said (position, at)
JOIN audit_auditentry log
    ON log.at BETWEEN said.at - interval '10 seconds' AND said.at + interval '10 seconds'
WHERE log.actor_id IS NOT NULL
    AND log.summary -> 'ledger' @> to_jsonb(said.position)
ORDER BY said.position, log.id
