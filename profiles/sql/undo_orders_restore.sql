update profiles_order o
set record_id = old.record_id, status = old.status, ordered_at = old.ordered_at, currency = old.currency,
    total = old.total, channel = old.channel, payment_type = old.payment_type, intake_id = v.intake_id
from (
    select distinct on (order_id) order_id, intake_id, values
    from profiles_orderversion
    order by order_id, superseded_at desc, id desc
) v,
    lateral jsonb_populate_record(null::profiles_order, v.values) old
where o.intake_id = :intake and v.order_id = o.id
