-- Of whom the privacy lead hears (CONSENT.md 3.6): whether those who were opened are the looker or
-- a colleague, by the address they sign in with, and whether anybody shown is guarded.
WITH staff AS (
    SELECT i.id, m.user_id = :user_id AS is_looker
    FROM organisations_membership m
    JOIN organisations_user u ON u.id = m.user_id
    JOIN profiles_identifier i
        ON i.kind_id = 'email' AND i.namespace = '' AND i.value = lower(u.email) AND i.state = 'normal'
    WHERE m.organisation_id = :organisation_id
), met AS (
    SELECT bool_or(s.is_looker) AS own, bool_or(NOT s.is_looker) AS colleague
    FROM staff s
    JOIN profiles_recordidentifier ri ON ri.identifier_id = s.id
    JOIN profiles_sourcerecord r ON r.id = ri.record_id
    WHERE r.profile_id = ANY(CAST(:opened AS bigint[]))
)
SELECT
    coalesce(met.own, false) AS own,
    coalesce(met.colleague, false) AS colleague,
    EXISTS (
        SELECT 1
        FROM profiles_recordmark k
        JOIN profiles_sourcerecord r ON r.id = k.record_id
        WHERE k.kind = 'guarded' AND r.profile_id = ANY(CAST(:shown AS bigint[]))
    ) AS guarded
FROM met
