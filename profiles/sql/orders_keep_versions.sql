-- What an order said before this delivery (see records_keep_versions).
insert into profiles_orderversion (order_id, intake_id, values, superseded_at)
select o.id, o.intake_id,
    jsonb_build_object(
        'record_id', o.record_id, 'status', o.status, 'ordered_at', o.ordered_at, 'currency', o.currency,
        'total', o.total, 'channel', o.channel, 'payment_type', o.payment_type
    ),
    now()
from stage_order s
join profiles_order o on o.id = s.order_id
where s.changed and o.intake_id <> :intake
on conflict (order_id, intake_id) do update
set values = excluded.values, superseded_at = excluded.superseded_at
