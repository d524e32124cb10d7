-- Part of decide_set.sql, decide_count.sql, decide_log.sql and decide_compare.sql: the decision of
-- CONSENT.md 1.4 for one message and many contact points at once. `consent.decide` is the same as a pure
-- function; a property test and a nightly comparison hold this to that. Rules and policy come as
-- parameters from `consent.rules`; there is no second copy of them here.
--
-- decided: id, decision, basis ('' where none), reason, flags, deciding (ledger positions, newest
-- first), country.
:part_known, law AS (
    -- For each country, the stricter of theirs and ours; '??' for every other.
    SELECT *
    FROM jsonb_to_recordset(CAST(:laws AS jsonb)) AS law (
        country text, soft boolean, relation text, soft_since timestamptz, min_age integer, doi boolean,
        legal_person_optout boolean, approach text, register_customer_exception boolean, call_hours boolean,
        quiet_hours boolean
    )
), grave AS (
    SELECT *
    FROM unnest(CAST(:erased_ids AS bigint[]), CAST(:erased_at AS timestamptz[])) AS grave (id, erased_at)
), asked AS MATERIALIZED (
    SELECT
        p.*, law.soft, law.relation, law.soft_since, law.min_age, law.doi, law.legal_person_optout, law.approach,
        law.register_customer_exception, law.call_hours, law.quiet_hours
    FROM person p
    JOIN law ON law.country = CASE WHEN p.country = ANY(CAST(:countries AS text[])) THEN p.country ELSE '??' END
), said AS MATERIALIZED (
    -- `said_at` is when a no counts from: the earlier of its two times. A time of its own may be missing.
    -- What a row is for is a column, because the planner takes half of them for true: from conditions on
    -- several columns it would expect next to nothing, and join in loops.
    SELECT
        h.id, h.position, h.type, h.purpose, h.channel, h.occurred_at, h.recorded_at, h.kind, h.proof,
        h.point_id, h.text_id, h.guardian, h.via, h.shared_group,
        least(h.occurred_at, h.recorded_at) AS said_at,
        h.controller IN ('', :controller) AS own,
        h.controller IN ('', :controller) AND h.type IN ('DOI_CONFIRMED', 'INVALIDATED', 'LAPSED') AS is_mark,
        h.controller IN ('', :controller) AND h.type IN ('GRANT', 'CARRIED', 'DOI_REQUESTED')
            AND h.channel = :channel AS is_yes,
        h.type IN ('DENY', 'WITHDRAW', 'OBJECT', 'COMPLAINT') AND h.channel IN (:channel, '*') AS is_no
    FROM heard h
), mark AS (
    -- Later rows that speak of a yes: of the same purpose and channel.
    SELECT
        id, purpose, channel,
        max(said_at) FILTER (WHERE type = 'DOI_CONFIRMED') AS confirmed_at,
        max(said_at) FILTER (WHERE type = 'INVALIDATED') AS invalidated_at,
        max(said_at) FILTER (WHERE type = 'LAPSED') AS lapsed_at
    FROM said
    WHERE is_mark
    GROUP BY id, purpose, channel
), yes AS MATERIALIZED (
    -- Every claim of a yes in this channel, with its first fault in the order of R28; '' when it counts.
    -- `grown`: given at an age at which it counts, or with a guardian (R13).
    SELECT
        s.id, s.position, s.occurred_at,
        coalesce(s.occurred_at, s.recorded_at) AS counts_from,
        array_append(coalesce(t.covers, '{}'), s.purpose) AS purposes,
        t.promised_per_month,
        s.kind = 'act' AND s.proof = 'A' AS lifts,
        s.guardian OR a.birth_date IS NULL
            OR extract(year FROM age(CAST(s.occurred_at AT TIME ZONE 'UTC' AS date), a.birth_date)) >= a.min_age
            AS grown,
        CASE
            WHEN s.type <> 'CARRIED' AND (s.type = 'DOI_REQUESTED' OR (a.doi AND s.via = 'web_form'))
                AND coalesce(m.confirmed_at < s.said_at, true) THEN 'DOI_PENDING'
            WHEN s.occurred_at > s.recorded_at + CAST(:skew AS interval) THEN 'GRANT_QUARANTINED'
            WHEN s.occurred_at IS NULL OR s.proof = 'C' THEN 'UNPROVEN_CONSENT'
            WHEN point.preticked OR m.invalidated_at >= s.said_at THEN 'INVALID_CONSENT'
            WHEN s.text_id = ANY(CAST(:texts_of_others AS bigint[])) THEN 'CONTROLLER_NOT_NAMED'
            WHEN greatest(
                    s.occurred_at,
                    date_trunc('day', used.last_used_at, 'UTC'),
                    CASE WHEN s.kind <> 'act' THEN point.last_written_at END
                ) < :lapsed_before OR m.lapsed_at >= s.said_at THEN 'CONSENT_LAPSED'
            ELSE ''
        END AS fault
    FROM said s
    JOIN asked a ON a.id = s.id
    LEFT JOIN mark m ON m.id = s.id AND m.purpose = s.purpose AND m.channel = s.channel
    LEFT JOIN consent_collectionpoint point ON point.id = s.point_id
    LEFT JOIN consent_consenttext t ON t.id = s.text_id
    LEFT JOIN consent_contactuse used ON used.identifier_id = s.id AND used.channel = :channel
    WHERE s.is_yes
), lifted AS (
    -- By purpose, the latest own, proven act: nos up to then stand no more.
    SELECT y.id, purpose, max(y.occurred_at) AS at
    FROM yes y, unnest(y.purposes) AS purpose
    WHERE y.fault = '' AND y.lifts
    GROUP BY y.id, purpose
), answered AS (
    -- What the yeses come to, newest first. `consent` is the one that opens (R14), `tracking` whether
    -- another one allows open tracking.
    SELECT
        id,
        array_agg(position ORDER BY counts_from DESC, position DESC)
            FILTER (WHERE asked AND fault = '' AND grown) AS consent,
        array_agg(promised_per_month ORDER BY counts_from DESC, position DESC)
            FILTER (WHERE asked AND fault = '' AND grown) AS promised,
        array_agg(position ORDER BY counts_from DESC, position DESC) FILTER (WHERE asked AND fault = '') AS valid,
        array_agg(position ORDER BY counts_from DESC, position DESC) FILTER (WHERE asked AND fault <> '') AS failing,
        array_agg(fault ORDER BY counts_from DESC, position DESC) FILTER (WHERE asked AND fault <> '') AS faults,
        bool_or(fault = '' AND 'tracking.email_open' = ANY(purposes)) AS tracking
    FROM (SELECT y.*, :purpose = ANY(y.purposes) AS asked FROM yes y) y
    GROUP BY id
), no AS (
    -- Nos in this channel, of this house or said to another under the same shared text.
    SELECT
        s.id, s.position, s.type, s.purpose, s.own, s.said_at,
        coalesce(l.at <= s.said_at, true) AS stands,
        s.purpose IN ('profiling', '*') AND coalesce(p.at <= s.said_at, true) AS no_profiling
    FROM said s
    LEFT JOIN lifted l ON l.id = s.id AND l.purpose = CASE s.purpose WHEN '*' THEN :purpose ELSE s.purpose END
    LEFT JOIN lifted p ON p.id = s.id AND p.purpose = 'profiling'
    WHERE s.is_no
        AND (s.own OR (s.shared_group <> '' AND EXISTS (
            SELECT 1 FROM said g WHERE g.id = s.id AND g.own AND g.shared_group = s.shared_group
        )))
), refused AS (
    SELECT
        id,
        array_agg(position ORDER BY said_at DESC, position DESC)
            FILTER (WHERE stands AND purpose IN (:purpose, '*') AND type IN ('OBJECT', 'COMPLAINT')) AS objected,
        array_agg(position ORDER BY said_at DESC, position DESC)
            FILTER (WHERE stands AND purpose IN (:purpose, '*')) AS standing,
        array_agg(position ORDER BY own DESC, position) FILTER (WHERE stands) AS in_channel,
        bool_or(no_profiling) AS no_profiling
    FROM no
    GROUP BY id
), customer AS (
    -- R16 to R22 in turn: each column tells whether a sale is left that passes this and all before.
    SELECT
        s.id,
        bool_or(ours) AS ours,
        bool_or(in_force) AS in_force,
        bool_or(ours AND (a.relation = 'sale' OR in_force)) AS ongoing,
        bool_or(ours AND (a.relation = 'sale' OR in_force) AND recent) AS recent,
        bool_or(ours AND (a.relation = 'sale' OR in_force) AND recent AND s.optout = 'yes') AS could_decline,
        bool_or(
            ours AND (a.relation = 'sale' OR in_force) AND recent AND s.optout = 'yes' AND alike
        ) AS customer,
        bool_or(ours AND in_force AND alike) AS may_be_called
    FROM sale s
    JOIN asked a ON a.id = s.id
    CROSS JOIN LATERAL (
        SELECT
            CAST(s.day AS timestamp) AT TIME ZONE 'UTC' AS started_at,
            CAST(s.last_day + 1 AS timestamp) AT TIME ZONE 'UTC' AS ended_at
    ) t
    CROSS JOIN LATERAL (
        SELECT
            s.party IN ('own', :controller) AS ours,
            s.type IN ('subscription', 'membership') AND t.started_at <= :now
                AND (t.ended_at IS NULL OR t.ended_at > :now) AS in_force,
            :own AND s.category = :category AS alike
    ) f
    CROSS JOIN LATERAL (
        SELECT a.soft_since IS NULL OR f.in_force OR greatest(t.started_at, t.ended_at) >= a.soft_since AS recent
    ) r
    GROUP BY s.id
), judged AS (
    -- Table 1.4: the first row that matches rules. `opens` may be NULL where nothing is on file.
    SELECT
        a.*,
        w.consent, w.promised, w.valid, w.failing, w.tracking, n.objected, n.standing, n.in_channel,
        n.no_profiling,
        CASE
            WHEN :controller <> :house THEN 'WRONG_CONTROLLER' -- R01
            WHEN a.status IN ('bounced', 'reassigned') AND :channel <> 'post' THEN 'ADDRESS_INVALID' -- R02
            WHEN a.restricted THEN 'RESTRICTED' -- R03, R04
            WHEN :service THEN CASE -- R05, R06
                WHEN :approved AND (
                    :about_order
                    OR CAST(live.last_day AS timestamp) AT TIME ZONE 'UTC' + CAST(:after_the_show AS interval) > :now
                    OR c.in_force
                ) THEN 'SERVICE'
                ELSE 'SERVICE_WITHOUT_ORDER'
            END
            WHEN :electronic AND NOT :has_optout THEN 'CONTENT_NO_OPTOUT' -- R08
            WHEN grave.erased_at >= coalesce(l.at, '-infinity') THEN 'SUPPRESSED_AFTER_ERASURE' -- R09
            WHEN n.objected IS NOT NULL THEN 'OBJECTED' -- R10
            WHEN n.standing IS NOT NULL THEN 'WITHDRAWN' -- R11
            WHEN :electronic AND a.company AND a.legal_person_optout THEN 'LEGAL_PERSON' -- R12
            WHEN w.consent IS NOT NULL THEN 'CONSENT' -- R14
            WHEN w.valid IS NOT NULL THEN 'MINOR_NO_VALID_CONSENT' -- R13
            WHEN :purpose = 'marketing.own_similar' AND :electronic AND a.soft THEN CASE
                WHEN n.in_channel IS NOT NULL THEN 'WITHDRAWN' -- R15
                WHEN c.customer AND NOT t.young THEN 'SOFT_OPT_IN' -- R23
                WHEN w.faults IS NOT NULL THEN w.faults[1] -- R28 comes first: it can be mended
                WHEN NOT c.ours THEN 'PARTNER_SALE' -- R16
                WHEN t.young THEN 'MINOR_NO_SOFT_OPTIN' -- R17
                WHEN c.id IS NULL THEN 'NO_SALE' -- R18
                WHEN NOT c.ongoing THEN 'NO_ONGOING_RELATION' -- R19
                WHEN NOT c.recent THEN 'RELATION_TOO_OLD' -- R20
                WHEN NOT c.could_decline THEN 'NO_OPTOUT_OFFERED' -- R21
                ELSE 'NOT_SIMILAR' -- R22
            END
            WHEN NOT :electronic THEN CASE
                WHEN a.approach = 'consent' THEN 'CONSENT_NEEDED_FOR_CHANNEL' -- R24
                WHEN a.approach = 'optout_register' AND :channel = ANY(a.registers) AND NOT (
                    a.register_customer_exception AND :purpose = 'marketing.own_similar'
                    AND coalesce(c.may_be_called, false)
                ) THEN 'OPTOUT_REGISTER' -- R25
                WHEN NOT :lia THEN 'LIA_MISSING' -- R26
                ELSE 'LEGITIMATE_INTEREST' -- R27
            END
            WHEN w.faults IS NOT NULL THEN w.faults[1] -- R28
            ELSE 'NO_BASIS' -- R29
        END AS ruling,
        extract(year FROM age(CAST(CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS date), a.birth_date)) < :adult
            AS is_child
    FROM asked a
    LEFT JOIN grave ON grave.id = a.id
    LEFT JOIN lifted l ON l.id = a.id AND l.purpose = :purpose
    LEFT JOIN refused n ON n.id = a.id
    LEFT JOIN answered w ON w.id = a.id
    LEFT JOIN customer c ON c.id = a.id
    LEFT JOIN live ON live.id = a.id
    CROSS JOIN LATERAL (
        SELECT coalesce(
            extract(year FROM age(CAST(CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS date), a.birth_date))
                < :soft_min_age,
            false
        ) AS young
    ) t
), grounded AS (
    SELECT
        j.*,
        CASE j.ruling
            WHEN 'CONSENT' THEN 'consent'
            WHEN 'SOFT_OPT_IN' THEN 'soft_opt_in'
            WHEN 'SERVICE' THEN 'contract'
            WHEN 'LEGAL_PERSON' THEN 'legal_person'
            WHEN 'LEGITIMATE_INTEREST' THEN 'legitimate_interest'
            ELSE ''
        END AS basis
    FROM judged j
), held AS (
    -- What is allowed so far: who has to look at it, and when it may go.
    SELECT
        g.*,
        CASE
            WHEN g.basis IN ('', 'contract') THEN NULL
            WHEN :sensitive THEN 'SENSITIVE_SEGMENT' -- R30
            WHEN g.unnoticed AND NOT :has_notice THEN 'NOTICE_MISSING' -- C171
            WHEN NOT :pace THEN NULL
            WHEN g.call_hours THEN 'QUIET_HOURS_LAW' -- R31
            WHEN g.basis = 'consent' AND g.sent_month >= g.promised[1] THEN 'PROMISED_FREQUENCY' -- R32
            WHEN g.sent_week >= :weekly_cap OR (:channel = 'sms' AND g.sms_week >= :sms_weekly_cap)
                THEN 'FREQUENCY_CAP' -- R33
            WHEN g.quiet_hours THEN 'QUIET_HOURS' -- R34
        END AS because
    FROM grounded g
), decided AS (
    SELECT
        h.id,
        CASE
            WHEN h.because = 'SENSITIVE_SEGMENT' OR (h.ruling = 'RESTRICTED' AND :service) THEN 'REVIEW'
            WHEN h.because IS NOT NULL THEN 'DEFER'
            WHEN h.basis <> '' THEN 'ALLOW'
            ELSE 'BLOCK'
        END AS decision,
        h.basis,
        coalesce(h.because, h.ruling) AS reason,
        array_remove(ARRAY[
            CAST(:class_flag AS text),
            CASE WHEN h.basis <> '' AND h.shared THEN 'NO_CROSS_PERSON_PERSONALISATION' END,
            CASE WHEN h.basis <> '' AND :channel = 'email' AND NOT coalesce(h.tracking, false)
                THEN 'NO_OPEN_TRACKING' END,
            CASE WHEN h.basis <> '' AND (h.refuses_profiling OR h.is_child OR h.no_profiling)
                THEN 'NO_PROFILING' END
        ], NULL) AS flags,
        CASE
            WHEN h.ruling = 'OBJECTED' THEN h.objected
            WHEN h.ruling = 'WITHDRAWN' THEN coalesce(h.standing, h.in_channel[1:1])
            WHEN h.ruling = 'CONSENT' THEN h.consent[1:1]
            WHEN h.ruling = 'MINOR_NO_VALID_CONSENT' THEN h.valid[1:1]
            WHEN h.ruling = ANY(CAST(:faults AS text[])) THEN h.failing[1:1]
            ELSE '{}'
        END AS deciding,
        h.country
    FROM held h
)
