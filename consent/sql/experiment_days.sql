-- What one test's variants were shown and answered, by local day: exposures still kept, and the
-- counts of those that are gone.
WITH shown AS (
    SELECT
        variant, (served_at AT TIME ZONE :zone)::date AS day,
        count(*) AS served,
        count(answered_at) AS answered,
        count(*) FILTER (WHERE said_yes) AS yes,
        count(*) FILTER (WHERE NOT said_yes) AS no,
        count(bought_at) AS bought,
        count(understood) AS asked,
        count(*) FILTER (WHERE understood) AS understood,
        count(seconds) AS timed,
        coalesce(sum(seconds), 0) AS seconds
    FROM consent_formserved
    WHERE experiment_id = :experiment_id
    GROUP BY 1, 2
), counted AS (
    SELECT
        variant, day,
        coalesce(sum(value) FILTER (WHERE measure = 'served'), 0) AS served,
        coalesce(sum(value) FILTER (WHERE measure = 'answered'), 0) AS answered,
        coalesce(sum(value) FILTER (WHERE measure = 'yes'), 0) AS yes,
        coalesce(sum(value) FILTER (WHERE measure = 'no'), 0) AS no,
        coalesce(sum(value) FILTER (WHERE measure = 'bought'), 0) AS bought,
        coalesce(sum(value) FILTER (WHERE measure = 'asked'), 0) AS asked,
        coalesce(sum(value) FILTER (WHERE measure = 'understood'), 0) AS understood,
        coalesce(sum(value) FILTER (WHERE measure = 'timed'), 0) AS timed,
        coalesce(sum(value) FILTER (WHERE measure = 'seconds'), 0) AS seconds
    FROM consent_exposurecount
    WHERE form_id = :form_id AND experiment_key = :experiment_id
    GROUP BY 1, 2
)
SELECT
    variant, day,
    sum(served)::bigint AS served, sum(answered)::bigint AS answered, sum(yes)::bigint AS yes,
    sum(no)::bigint AS no, sum(bought)::bigint AS bought, sum(asked)::bigint AS asked,
    sum(understood)::bigint AS understood, sum(timed)::bigint AS timed, sum(seconds)::bigint AS seconds
FROM (SELECT * FROM shown UNION ALL SELECT * FROM counted) AS both_kinds
GROUP BY 1, 2
ORDER BY day, variant
