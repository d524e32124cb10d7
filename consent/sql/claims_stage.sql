-- Where a chunk's claims are copied to. "answer" is true for yes; blank and unreadable ones never get here.
CREATE TEMPORARY TABLE consent_claim (
    number integer,
    record_id bigint,
    email_id bigint,
    phone_id bigint,
    point text,
    answer boolean,
    occurred_at timestamptz,
    order_ref text,
    event_id text,
    channel text,
    email_erased_at timestamptz,
    phone_erased_at timestamptz
) ON COMMIT DROP
