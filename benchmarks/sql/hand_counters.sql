update profiles_profile p
set orders_count = b.orders, tickets_count = b.tickets, value = b.value, currency = 'NOK',
    first_order_at = b.first_at, last_order_at = b.last_at
from (
    select r.profile_id, count(*) as orders, sum(t.n) as tickets, sum(o.total) as value,
        min(o.ordered_at) as first_at, max(o.ordered_at) as last_at
    from profiles_order o
    join profiles_sourcerecord r on r.id = o.record_id
    join (select order_id, count(*) as n from profiles_orderline group by order_id) t on t.order_id = o.id
    where o.status = 'paid'
    group by r.profile_id
) b
where b.profile_id = p.id
