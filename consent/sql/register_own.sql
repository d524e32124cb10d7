-- Own contact points beside the hash by which a register would name them. "number" tells a
-- telephone number from a mail address: calls are marked at numbers alone.
CREATE TEMP TABLE IF NOT EXISTS consent_register_own (identifier_id bigint, number boolean, digest bytea)
ON COMMIT DROP
