-- What was sold and for how much stays; where the person sat, and what else could say who it was, does not.
UPDATE profiles_orderline
SET key = gen_random_uuid()::text, section = '', "row" = '', seat = '', barcode = '', campaign = '',
    first_intake_id = 0, intake_id = 0
WHERE order_id = ANY(CAST(:orders AS bigint[]))
