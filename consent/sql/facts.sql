-- Everything an answer rests on, one row per contact point that somebody's record shows.
--
-- Lists come as text, one entry a line, fields parted by "|": that is what Python reads
-- fastest, and equal lists mean equal facts. Times are microseconds since 1970.
--
-- said:      events of the address, and person-wide nos of everybody it belongs to, without
--            what was taken back since.
-- relation:  paid orders of the records that show the address, the newest of each sort.
--            "terms" are the answers of the verified collection points of the sale: those
--            of its sales channel before those of the whole source, a no before a yes.
WITH contact AS MATERIALIZED (
    SELECT i.id, i.kind_id, i.value, i.state, split_part(i.value, '@', 1) AS local_part
    FROM profiles_identifier i
    WHERE i.kind_id IN ('email', 'phone') AND i.state <> 'blocked' AND NOT i.invalid
        AND (:everybody OR i.id = ANY(CAST(:identifier_ids AS bigint[])))
), shown AS MATERIALIZED (
    SELECT c.id, ri.record_id, r.profile_id, r.source_id, c.local_part
    FROM contact c
    JOIN profiles_recordidentifier ri ON ri.identifier_id = c.id
    JOIN profiles_sourcerecord r ON r.id = ri.record_id
), person AS (
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
), event AS (
    SELECT c.id, e.*
    FROM contact c
    JOIN consent_consentevent e ON e.identifier_id = c.id
    UNION ALL
    SELECT DISTINCT ON (h.id, e.position) h.id, e.*
    FROM consent_consentevent e
    JOIN profiles_sourcerecord one ON one.id = e.record_id
    JOIN shown h ON h.profile_id = one.profile_id
    WHERE e.scope = 'person' AND e.identifier_id IS DISTINCT FROM h.id
), said AS (
    SELECT
        e.id,
        string_agg(
            concat_ws(
                '|', e.type, coalesce(CAST(extract(epoch FROM e.occurred_at) * 1000000 AS bigint), 0),
                CAST(extract(epoch FROM e.recorded_at) * 1000000 AS bigint),
                e.purpose, e.channel, e.kind, e.proof, coalesce(e.point_id, 0), coalesce(e.text_id, 0),
                CASE WHEN e.guardian THEN 1 ELSE 0 END, e.via, e.controller, e.shared_group
            ), E'\n' ORDER BY e.position
        ) AS events,
        array_agg(e.position ORDER BY e.position) AS positions
    FROM event e
    WHERE e.target_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM consent_consentevent t WHERE t.target_id = e.position)
    GROUP BY e.id
), bought AS (
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
        max(ends_at) AS ends_at, max(lasts_until) AS lasts_until
    FROM bought
    GROUP BY id, source_id, channel, type, category, date_trunc('day', ordered_at, 'UTC')
), agreed AS (
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
), sort AS (
    SELECT id, type, category, optout, party, max(day) AS day, max(lasts_until) AS lasts_until
    FROM agreed
    GROUP BY id, type, category, optout, party
), relation AS (
    SELECT
        s.id,
        string_agg(
            concat_ws(
                '|', s.type, CAST(s.day AS date),
                coalesce(CAST(CAST(s.lasts_until AS date) AS text), '-'), s.party, s.category, s.optout
            ), E'\n' ORDER BY s.type, s.category, s.optout, s.party
        ) AS relations
    FROM sort s
    GROUP BY s.id
), refuses AS (
    -- A no to tailored content at one address is the person's, whatever another address said (CONSENT.md 2.7).
    SELECT DISTINCT h.id
    FROM consent_consentstate s
    JOIN profiles_recordidentifier ri ON ri.identifier_id = s.identifier_id
    JOIN profiles_sourcerecord r ON r.id = ri.record_id
    JOIN shown h ON h.profile_id = r.profile_id AND h.id <> s.identifier_id
    WHERE s.purpose = 'profiling' AND s.state IN ('refused', 'withdrawn')
), live AS (
    SELECT id, CAST(max(greatest(ends_at, lasts_until)) AS date) AS last_day FROM bought GROUP BY id
), used AS (
    SELECT
        u.identifier_id AS id,
        string_agg(concat_ws('|', u.channel, CAST(u.last_used_at AS date)), E'\n' ORDER BY u.channel) AS uses
    FROM consent_contactuse u
    JOIN contact c ON c.id = u.identifier_id
    GROUP BY u.identifier_id
)
SELECT
    c.id,
    c.kind_id,
    c.state = 'shared' OR person.persons > 1 AS shared,
    coalesce(status.status, 'ok') AS status,
    CASE
        WHEN cardinality(coalesce(person.countries, person.source_countries)) = 1
            THEN (coalesce(person.countries, person.source_countries))[1]
        ELSE '??'
    END AS country,
    person.birth_date,
    person.company,
    live.last_day,
    said.events,
    relation.relations,
    used.uses,
    said.positions,
    c.value,
    refuses.id IS NOT NULL AS refuses_profiling
FROM contact c
JOIN person ON person.id = c.id
LEFT JOIN consent_contactstatus status ON status.identifier_id = c.id
LEFT JOIN said ON said.id = c.id
LEFT JOIN relation ON relation.id = c.id
LEFT JOIN live ON live.id = c.id
LEFT JOIN used ON used.id = c.id
LEFT JOIN refuses ON refuses.id = c.id
