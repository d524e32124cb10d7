-- Keyed hashes of one file's lines, as they are read.
CREATE TEMP TABLE IF NOT EXISTS consent_register_line (digest bytea) ON COMMIT DROP
