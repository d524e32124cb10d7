-- Exposures before a moment become counts by local day, in one statement, so that none is lost or
-- counted twice. Answers how many rows are gone.
WITH gone AS (
    DELETE FROM consent_formserved
    WHERE served_at < :before
    RETURNING *
), counted AS (
    INSERT INTO consent_exposurecount (form_id, experiment_key, variant, day, measure, value)
    SELECT
        gone.form_id, coalesce(gone.experiment_id, 0), gone.variant,
        (gone.served_at AT TIME ZONE :zone)::date, what.measure, sum(what.value)
    FROM gone
    CROSS JOIN LATERAL (VALUES
        ('served', 1),
        ('answered', (gone.answered_at IS NOT NULL)::int),
        ('yes', (gone.said_yes IS TRUE)::int),
        ('no', (gone.said_yes IS FALSE)::int),
        ('bought', (gone.bought_at IS NOT NULL)::int),
        ('asked', (gone.understood IS NOT NULL)::int),
        ('understood', (gone.understood IS TRUE)::int),
        ('timed', (gone.seconds IS NOT NULL)::int),
        ('seconds', coalesce(gone.seconds, 0))
    ) AS what (measure, value)
    GROUP BY 1, 2, 3, 4, 5
    HAVING sum(what.value) > 0
    ON CONFLICT (form_id, experiment_key, variant, day, measure)
    DO UPDATE SET value = consent_exposurecount.value + excluded.value
)
SELECT count(*) FROM gone
