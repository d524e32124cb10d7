-- Whose permissions a chunk may have changed.
SELECT coalesce(array_agg(DISTINCT identifier_id), '{}')
FROM consent_change
WHERE verdict IN ('grant', 'act', 'claim', 'no')
