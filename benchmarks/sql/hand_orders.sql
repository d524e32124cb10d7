insert into profiles_order (
    source_id, external_id, record_id, status, ordered_at, currency, total, channel, payment_type, complete,
    first_intake_id, intake_id
)
select :source, b.order_no, min(p.record_id), min(b.status), min(b.purchased)::timestamptz, 'NOK',
    sum(b.price::numeric) filter (where b.status = 'paid'), '', '', false, :intake, :intake
from bench_raw b
join hand_person p on p.customer_id = b.customer_id
group by b.order_no
