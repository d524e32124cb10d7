-- Marketing went to these contact points; the latest time stands.
INSERT INTO consent_contactuse AS u (identifier_id, channel, last_used_at)
SELECT DISTINCT i.id, :channel, CAST(:at AS timestamptz)
FROM unnest(CAST(:identifier_ids AS bigint[])) AS i (id)
ON CONFLICT (identifier_id, channel) DO UPDATE SET last_used_at = excluded.last_used_at
WHERE u.last_used_at < excluded.last_used_at
