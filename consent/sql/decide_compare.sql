-- The decision in SQL (decided.sql) beside the answer stored by the pure form, for one of the three
-- questions: how many, by what each says, with a few of them where the two differ.
WITH :part_decided, stored AS (
    SELECT
        identifier_id AS id,
        CASE :question
            WHEN 'newsletter' THEN newsletter || ' ' || newsletter_reason
            WHEN 'own_similar' THEN own_similar || ' ' || own_similar_reason
            ELSE service || ' ' || service_reason
        END AS answer
    FROM consent_contactanswer
    WHERE channel = :channel AND (:everybody OR identifier_id = ANY(CAST(:identifier_ids AS bigint[])))
)
SELECT
    coalesce(s.answer, 'none') AS stored,
    coalesce(d.decision || ' ' || d.reason, 'none') AS decided,
    count(*) AS contacts,
    CASE WHEN s.answer IS DISTINCT FROM d.decision || ' ' || d.reason
        THEN (array_agg(coalesce(s.id, d.id) ORDER BY coalesce(s.id, d.id)))[1:1000]
        ELSE '{}'
    END AS ids
FROM stored s
FULL JOIN decided d ON d.id = s.id
GROUP BY s.answer, d.decision, d.reason
