-- Everything an answer rests on, one row per contact point, for the pure form.
--
-- Lists come as text, one entry a line, fields parted by "|": that is what Python reads
-- fastest, and equal lists mean equal facts. Times are microseconds since 1970.
WITH :part_known, said AS (
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
    FROM heard e
    GROUP BY e.id
), relation AS (
    SELECT
        s.id,
        string_agg(
            concat_ws('|', s.type, s.day, coalesce(CAST(s.last_day AS text), '-'), s.party, s.category, s.optout),
            E'\n' ORDER BY s.type, s.category, s.optout, s.party
        ) AS relations
    FROM sale s
    GROUP BY s.id
), used AS (
    SELECT
        u.identifier_id AS id,
        string_agg(
            concat_ws('|', u.channel, CAST(u.last_used_at AT TIME ZONE 'UTC' AS date)), E'\n' ORDER BY u.channel
        ) AS uses
    FROM consent_contactuse u
    JOIN contact c ON c.id = u.identifier_id
    GROUP BY u.identifier_id
)
SELECT
    p.id,
    p.kind_id,
    p.shared,
    p.status,
    p.country,
    p.birth_date,
    p.company,
    live.last_day,
    said.events,
    relation.relations,
    used.uses,
    said.positions,
    p.value,
    p.refuses_profiling,
    p.restricted,
    p.registers,
    p.sent_week,
    p.sms_week,
    p.sent_month,
    p.unnoticed
FROM person p
LEFT JOIN said ON said.id = p.id
LEFT JOIN relation ON relation.id = p.id
LEFT JOIN live ON live.id = p.id
LEFT JOIN used ON used.id = p.id
