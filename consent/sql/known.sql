-- Part of facts.sql and decided.sql: everything that is known of contact points that somebody's record
-- shows. Each table expression has a row, or rows, per contact point `id`.
--
-- :everybody, or those in :identifier_ids; of the kinds in :kinds. :pace also counts what was sent lately;
-- NOT :has_notice also asks who must be told whom the data came from.
contact AS MATERIALIZED (
    SELECT i.id, i.kind_id, i.value, i.state, split_part(i.value, '@', 1) AS local_part
    FROM profiles_identifier i
    WHERE i.kind_id = ANY(CAST(:kinds AS text[])) AND i.state <> 'blocked' AND NOT i.invalid
        AND (:everybody OR i.id = ANY(CAST(:identifier_ids AS bigint[])))
), shown AS MATERIALIZED (
    SELECT c.id, ri.record_id, r.profile_id, r.source_id, c.local_part
    FROM contact c
    JOIN profiles_recordidentifier ri ON ri.identifier_id = c.id
    JOIN profiles_sourcerecord r ON r.id = ri.record_id
), reader AS (
    SELECT
        h.id,
        count(DISTINCT h.profile_id) AS persons,
        max(p.birth_date) AS birth_date,
        array_agg(DISTINCT p.country) FILTER (WHERE p.country <> '') AS countries,
        array_agg(DISTINCT s.country) AS source_countries,
        bool_and(p.company <> '' AND p.given_name = '' AND h.local_part = ANY(CAST(:generic AS text[]))) AS company
    FROM shown h
    JOIN profiles_profile p ON p.id = h.profile_id
    JOIN profiles_source s ON s.id = h.source_id
    GROUP BY h.id
), refuses AS (
    -- A no to tailored content at one address is the person's, whatever another address said (CONSENT.md 2.7).
    SELECT DISTINCT h.id
    FROM consent_consentstate s
    JOIN profiles_recordidentifier ri ON ri.identifier_id = s.identifier_id
    JOIN profiles_sourcerecord r ON r.id = ri.record_id
    JOIN shown h ON h.profile_id = r.profile_id AND h.id <> s.identifier_id
    WHERE s.purpose = 'profiling' AND s.state IN ('refused', 'withdrawn')
), locked AS (
    -- GDPR Art. 18: a mark on any record of a person locks every address of theirs.
    SELECT DISTINCT h.id
    FROM profiles_recordmark m
    JOIN profiles_sourcerecord r ON r.id = m.record_id
    JOIN shown h ON h.profile_id = r.profile_id
    WHERE m.kind = 'restricted'
), register AS (
    SELECT m.identifier_id AS id, array_agg(DISTINCT m.channel) AS channels
    FROM consent_registermark m
    JOIN contact c ON c.id = m.identifier_id
    GROUP BY m.identifier_id
), theirs AS (
    -- The weekly cap is the person's, over all channels and addresses (CONSENT.md 2.15).
    SELECT DISTINCT h.id, ri.identifier_id
    FROM shown h
    JOIN profiles_sourcerecord r ON r.profile_id = h.profile_id
    JOIN profiles_recordidentifier ri ON ri.record_id = r.id
    WHERE :pace
), sent AS (
    SELECT
        t.id,
        count(*) FILTER (WHERE d.acted_at > CAST(:now AS timestamptz) - interval '7 days') AS week,
        count(*) FILTER (
            WHERE d.acted_at > CAST(:now AS timestamptz) - interval '7 days' AND d.channel = 'sms'
        ) AS sms_week,
        count(*) FILTER (WHERE d.identifier_id = t.id) AS month
    FROM theirs t
    JOIN consent_senddecision d ON d.identifier_id = t.identifier_id
    WHERE d.acted_at > CAST(:now AS timestamptz) - interval '30 days' AND d.acted_at <= CAST(:now AS timestamptz)
        AND d.basis <> 'contract'
    GROUP BY t.id
), unnoticed AS (
    -- Known from partners alone, whose buyers' contract is with somebody else, and never told so (GDPR Art. 14).
    SELECT h.id
    FROM shown h
    WHERE NOT :has_notice
    GROUP BY h.id
    HAVING
        bool_and(h.source_id IN (
            SELECT p.source_id FROM consent_collectionpoint p
            WHERE p.contract_party = 'other' AND p.verified_at IS NOT NULL AND p.source_id IS NOT NULL
        ))
        AND NOT EXISTS (
            SELECT 1 FROM consent_senddecision d
            WHERE d.identifier_id = h.id AND d.acted_at IS NOT NULL AND d.facts @> '{"notice": true}'
        )
), person AS (
    SELECT
        c.id,
        c.kind_id,
        c.value,
        c.state = 'shared' OR r.persons > 1 AS shared,
        coalesce(status.status, 'ok') AS status,
        CASE
            WHEN cardinality(coalesce(r.countries, r.source_countries)) = 1
                THEN (coalesce(r.countries, r.source_countries))[1]
            ELSE '??'
        END AS country,
        r.birth_date,
        r.company,
        refuses.id IS NOT NULL AS refuses_profiling,
        locked.id IS NOT NULL AS restricted,
        register.channels AS registers,
        unnoticed.id IS NOT NULL AS unnoticed,
        coalesce(sent.week, 0) AS sent_week,
        coalesce(sent.sms_week, 0) AS sms_week,
        coalesce(sent.month, 0) AS sent_month
    FROM contact c
    JOIN reader r ON r.id = c.id
    LEFT JOIN consent_contactstatus status ON status.identifier_id = c.id
    LEFT JOIN refuses ON refuses.id = c.id
    LEFT JOIN locked ON locked.id = c.id
    LEFT JOIN register ON register.id = c.id
    LEFT JOIN unnoticed ON unnoticed.id = c.id
    LEFT JOIN sent ON sent.id = c.id
), event AS (
    -- Of the address, and person-wide nos of everybody it belongs to: a yes never travels.
    SELECT c.id, e.*
    FROM contact c
    JOIN consent_consentevent e ON e.identifier_id = c.id
    UNION ALL
    SELECT DISTINCT ON (h.id, e.position) h.id, e.*
    FROM consent_consentevent e
    JOIN profiles_sourcerecord one ON one.id = e.record_id
    JOIN shown h ON h.profile_id = one.profile_id
    WHERE e.scope = 'person' AND e.identifier_id IS DISTINCT FROM h.id
        AND e.type IN ('DENY', 'WITHDRAW', 'OBJECT', 'COMPLAINT')
), heard AS (
    SELECT e.*
    FROM event e
    WHERE e.target_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM consent_consentevent t WHERE t.target_id = e.position)
), bought AS (
    -- Paid orders of the records that show the address.
    SELECT
        h.id, o.source_id, o.channel, o.ordered_at,
        CASE
            WHEN p.kind IN ('season_ticket', 'subscription') THEN 'subscription'
            WHEN p.kind = 'membership' THEN 'membership'
            ELSE 'sale'
        END AS type,
        CASE WHEN p.kind IN ('goods', 'other') THEN p.kind ELSE 'performing_arts' END AS category,
        coalesce(l.starts_at, p.ends_at, o.ordered_at) AS ends_at,
        CASE WHEN p.kind IN ('season_ticket', 'subscription', 'membership')
            THEN coalesce(greatest(l.starts_at, p.ends_at), o.ordered_at + interval '12 months')
        END AS lasts_until
    FROM shown h
    JOIN profiles_order o ON o.record_id = h.record_id AND o.status = 'paid'
    JOIN profiles_orderline l ON l.order_id = o.id AND l.status IN ('', 'paid')
    JOIN profiles_product p ON p.id = l.product_id
), sold AS (
    SELECT
        id, source_id, channel, type, category,
        date_trunc('day', ordered_at, 'UTC') AS day,
        max(lasts_until) AS lasts_until
    FROM bought
    GROUP BY id, source_id, channel, type, category, date_trunc('day', ordered_at, 'UTC')
), agreed AS (
    -- What the verified collection points of the sale say: those of its sales channel before those of the
    -- whole source, a no before a yes.
    SELECT
        s.*,
        CASE WHEN t.specific THEN t.optout ELSE coalesce(t.optout, 'unknown') END AS optout,
        coalesce(t.party, 'own') AS party
    FROM sold s
    LEFT JOIN LATERAL (
        SELECT
            p.sales_channel <> '' AS specific,
            CASE
                WHEN bool_or(p.optout_offered = 'no') THEN 'no'
                WHEN bool_or(p.optout_offered = 'yes') THEN 'yes'
                ELSE 'unknown'
            END AS optout,
            CASE WHEN bool_or(p.contract_party = 'other') THEN 'other' ELSE 'own' END AS party
        FROM consent_collectionpoint p
        WHERE p.source_id = s.source_id AND p.verified_at IS NOT NULL
            AND p.sales_channel IN ('', s.channel)
            AND s.day >= coalesce(p.valid_from, '-infinity') AND s.day < coalesce(p.valid_to, 'infinity')
        GROUP BY p.sales_channel <> ''
        ORDER BY 1 DESC
        LIMIT 1
    ) t ON true
), sale AS (
    -- The newest of each sort. `day` and `last_day` are calendar days in UTC.
    SELECT
        id, type, category, optout, party,
        CAST(max(day) AT TIME ZONE 'UTC' AS date) AS day,
        CAST(max(lasts_until) AT TIME ZONE 'UTC' AS date) AS last_day
    FROM agreed
    GROUP BY id, type, category, optout, party
), live AS (
    SELECT id, CAST(max(greatest(ends_at, lasts_until)) AT TIME ZONE 'UTC' AS date) AS last_day
    FROM bought
    GROUP BY id
)
