-- Contact points whose answer time alone may have changed, or that were decided under other rules.
SELECT array_agg(DISTINCT identifier_id)
FROM consent_contactanswer
WHERE valid_until <= :now OR rules_version <> :rules_version
