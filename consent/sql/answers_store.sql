-- Stores the answers that differ from what was stored; the others are not written.
INSERT INTO consent_contactanswer AS a (
    identifier_id, channel, basket, newsletter, newsletter_reason, own_similar, own_similar_reason,
    service, service_reason, since, valid_until, decided_at, rules_version
)
SELECT
    identifier_id, channel, basket, newsletter, newsletter_reason, own_similar, own_similar_reason,
    service, service_reason, since, valid_until, CAST(:now AS timestamptz), :rules_version
FROM consent_answer
ON CONFLICT (identifier_id, channel) DO UPDATE SET
    basket = excluded.basket,
    newsletter = excluded.newsletter, newsletter_reason = excluded.newsletter_reason,
    own_similar = excluded.own_similar, own_similar_reason = excluded.own_similar_reason,
    service = excluded.service, service_reason = excluded.service_reason,
    since = excluded.since, valid_until = excluded.valid_until,
    decided_at = excluded.decided_at, rules_version = excluded.rules_version
WHERE (
        a.basket, a.newsletter, a.newsletter_reason, a.own_similar, a.own_similar_reason,
        a.service, a.service_reason, a.since, a.valid_until, a.rules_version
    ) IS DISTINCT FROM (
        excluded.basket, excluded.newsletter, excluded.newsletter_reason, excluded.own_similar,
        excluded.own_similar_reason, excluded.service, excluded.service_reason, excluded.since,
        excluded.valid_until, excluded.rules_version
    )
