-- What came of the yeses that a test's variants collected: how many were taken back, and when.
-- A yes is the first that an address gave in that variant; one that waits for its confirmation
-- is none. Every later no that covers it ends it, an objection of the person too.
WITH said AS (
    SELECT
        yes.experiment_variant AS mark, yes.identifier_id,
        min(least(coalesce(yes.occurred_at, yes.recorded_at), yes.recorded_at)) FILTER (
            WHERE yes.type IN ('GRANT', 'DOI_CONFIRMED')
        ) AS at,
        bool_or(yes.type = 'DOI_REQUESTED') AND NOT bool_or(yes.type = 'DOI_CONFIRMED') AS waits
    FROM consent_consentevent AS yes
    WHERE
        yes.experiment_variant = ANY(:marks) AND yes.purpose = :purpose AND yes.channel = :channel
        AND yes.type IN ('GRANT', 'DOI_REQUESTED', 'DOI_CONFIRMED') AND yes.target_id IS NULL
        AND NOT EXISTS (SELECT FROM consent_consentevent AS taken WHERE taken.target_id = yes.position)
    GROUP BY 1, 2
), ended AS (
    SELECT
        said.mark, said.at,
        (
            SELECT min(no.recorded_at)
            FROM consent_consentevent AS no
            WHERE
                no.type IN ('WITHDRAW', 'DENY', 'OBJECT', 'COMPLAINT') AND no.target_id IS NULL
                AND no.purpose IN (:purpose, '*') AND no.channel IN (:channel, '*')
                AND no.recorded_at > said.at
                AND (
                    no.identifier_id = said.identifier_id
                    OR no.scope = 'person' AND no.record_id IN (
                        SELECT shows.record_id
                        FROM profiles_recordidentifier AS shows
                        WHERE shows.identifier_id = said.identifier_id
                    )
                )
        ) AS no_at,
        EXISTS (
            SELECT FROM consent_consentevent AS no
            WHERE no.identifier_id = said.identifier_id AND no.type = 'COMPLAINT' AND no.recorded_at > said.at
        ) AS complained
    FROM said
    WHERE said.at IS NOT NULL AND NOT said.waits
)
SELECT
    mark,
    count(*) AS yeses,
    count(*) FILTER (WHERE no_at <= at + interval '30 days') AS within_30,
    count(*) FILTER (WHERE no_at <= at + interval '90 days') AS within_90,
    count(*) FILTER (WHERE complained) AS complained,
    max(at) AS latest
FROM ended
GROUP BY 1
