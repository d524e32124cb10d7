insert into profiles_order (
    id, source_id, external_id, record_id, status, ordered_at, currency, total, channel, payment_type,
    complete, first_intake_id, intake_id
)
select order_id, :source, external_id, record_id, status, coalesce(ordered_at, :arrived), currency, total,
    channel, payment_type, complete, :intake, :intake
from stage_order
where not existed
