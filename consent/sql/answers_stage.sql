-- Where freshly decided answers are copied to, before those that changed are stored. Kept as long as the
-- connection: making a table costs more than deciding a few answers.
CREATE TEMPORARY TABLE IF NOT EXISTS consent_answer (
    identifier_id bigint,
    channel text,
    basket text,
    newsletter text,
    newsletter_reason text,
    own_similar text,
    own_similar_reason text,
    service text,
    service_reason text,
    since timestamptz,
    valid_until timestamptz
) ON COMMIT DELETE ROWS
