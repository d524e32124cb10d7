-- What each claim means (CONSENT.md 2.6), one row per permission: contact point, purpose, channel.
--
-- heard:    a claim speaks for the channels of its point, or for the one it names.
-- latest:   of a flag that one chunk repeats, the last counts; an act counts each time.
-- verdict:  compared with the flag remembered from earlier deliveries.
--   same                nothing new
--   grant, act, claim   a yes: documented flag, the person's own act, nobody has verified the point
--   no                  a refusal
--   box_left_empty      a "no" that only means an empty box; remembered, not written
--   yes_without_act     false became true and no order of that time carries the tick
--   no_address          the record has no contact point for the channel
--   suppressed          whoever had this address was erased; only a later proven act of the person opens it
--   standing_no         a no stands; only a proven act of the person lifts it
CREATE TEMPORARY TABLE consent_change ON COMMIT DROP AS
WITH heard AS (
    SELECT
        c.*, p.id AS point_id, p.kind, p.text_id, p.purposes, p.no_is_explicit,
        p.key AS point_key, s.slug AS source_slug,
        p.verified_at IS NOT NULL AS verified,
        said.by_channel,
        CASE
            WHEN said.by_channel = 'email' THEN c.email_id
            WHEN said.by_channel IN ('sms', 'phone') THEN c.phone_id
        END AS identifier_id,
        CASE
            WHEN said.by_channel = 'email' THEN c.email_erased_at
            WHEN said.by_channel IN ('sms', 'phone') THEN c.phone_erased_at
        END AS erased_at
    FROM consent_claim c
    JOIN consent_collectionpoint p ON p.key = c.point
    LEFT JOIN profiles_source s ON s.id = p.source_id
    CROSS JOIN LATERAL (
        SELECT unnest(p.channels) AS by_channel WHERE c.channel = ''
        UNION ALL
        SELECT c.channel WHERE c.channel <> ''
    ) said
), latest AS (
    SELECT * FROM heard WHERE kind = 'act' OR identifier_id IS NULL
    UNION ALL
    (
        SELECT DISTINCT ON (point_id, identifier_id, by_channel) *
        FROM heard
        WHERE kind <> 'act' AND identifier_id IS NOT NULL
        ORDER BY point_id, identifier_id, by_channel, occurred_at DESC NULLS LAST, number DESC
    )
), compared AS (
    SELECT
        l.*,
        f.answer AS remembered,
        CASE
            WHEN l.identifier_id IS NULL THEN 'no_address'
            WHEN l.answer AND f.answer THEN 'same'
            WHEN NOT l.answer AND f.answer = false THEN 'same'
            WHEN NOT l.answer AND NOT l.no_is_explicit THEN 'box_left_empty'
            WHEN NOT l.answer THEN 'no'
            WHEN NOT l.verified THEN CASE WHEN f.answer IS NULL THEN 'claim' ELSE 'yes_without_act' END
            WHEN l.kind = 'act' AND l.occurred_at IS NULL THEN 'claim'
            WHEN l.kind = 'act' THEN 'act'
            WHEN f.answer IS NULL THEN 'grant'
            WHEN l.order_ref <> '' AND l.occurred_at >= f.changed_at THEN 'act'
            ELSE 'yes_without_act'
        END AS verdict
    FROM latest l
    LEFT JOIN consent_snapshotstate f
        ON l.kind <> 'act'
        AND f.point_id = l.point_id AND f.identifier_id = l.identifier_id AND f.channel = l.by_channel
)
SELECT
    c.number, c.record_id, c.identifier_id, c.point_id, c.kind, c.text_id, c.answer, c.remembered,
    c.occurred_at, c.order_ref, c.by_channel AS channel, asked.purpose,
    coalesce(c.source_slug, 'foyer') AS source_system,
    c.point_key || ':' || coalesce(
        nullif(c.event_id, ''), nullif(c.order_ref, ''), 'record ' || c.record_id
    ) || CASE WHEN c.answer THEN ':yes' ELSE ':no' END AS act_id,
    c.point_key || ':' || CAST(:intake_id AS text) || CASE WHEN c.answer THEN ':yes' ELSE ':no' END AS flag_id,
    CASE
        WHEN c.answer AND c.erased_at IS NOT NULL AND c.verdict IN ('claim', 'grant', 'act', 'yes_without_act')
            AND NOT (c.verdict = 'act' AND c.text_id IS NOT NULL AND c.occurred_at > c.erased_at)
            THEN 'suppressed'
        WHEN c.verdict IN ('claim', 'grant', 'act') AND closed.by_no
            AND NOT (c.verdict = 'act' AND c.text_id IS NOT NULL)
            THEN 'standing_no'
        ELSE c.verdict
    END AS verdict,
    coalesce(closed.given, false) AS given
FROM compared c
CROSS JOIN LATERAL unnest(c.purposes) AS asked (purpose)
LEFT JOIN LATERAL (
    SELECT
        bool_or(s.state = 'given') AS given,
        bool_or(
            s.state IN ('refused', 'withdrawn')
            AND s.since >= coalesce(exact.lifted_at, '-infinity')
        ) AS by_no
    FROM consent_consentstate s
    LEFT JOIN consent_consentstate exact
        ON exact.identifier_id = s.identifier_id
        AND exact.purpose = asked.purpose AND exact.channel = c.by_channel
    WHERE s.identifier_id = c.identifier_id
        AND s.purpose IN (asked.purpose, '*') AND s.channel IN (c.by_channel, '*')
) closed ON c.verdict <> 'same'
