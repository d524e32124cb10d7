-- Orders that stay for the books: under a random number, nobody's, of no delivery.
UPDATE profiles_order o
SET external_id = kept.number, record_id = NULL, first_intake_id = 0, intake_id = 0,
    created_at = date_trunc('day', o.ordered_at), ordered_at = date_trunc('day', o.ordered_at)
FROM unnest(CAST(:orders AS bigint[]), CAST(:numbers AS text[])) AS kept (id, number)
WHERE o.id = kept.id
