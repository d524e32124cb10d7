update profiles_order o
set record_id = s.record_id, currency = s.currency, channel = s.channel, payment_type = s.payment_type,
    ordered_at = s.ordered_at, status = s.status,
    total = coalesce(s.total, o.total),
    complete = s.complete, intake_id = :intake
from stage_order s
where s.changed and o.id = s.order_id
