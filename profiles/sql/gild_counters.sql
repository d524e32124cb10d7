-- What they bought. Paid orders only; the value is in the currency most of the orders are in.
with bought as (
    select t.profile_id, o.currency, count(*) as orders, coalesce(sum(o.total), 0) as value,
        min(o.ordered_at) as first_at, max(o.ordered_at) as last_at, sum(tickets.n) as tickets
    from stage_touched t
    join profiles_sourcerecord r on r.profile_id = t.profile_id
    join profiles_order o on o.record_id = r.id and o.status = 'paid'
    cross join lateral (
        select coalesce(sum(l.quantity), 0) as n
        from profiles_orderline l
        where l.order_id = o.id and l.status in ('paid', '')
    ) tickets
    group by t.profile_id, o.currency
), person as (
    select profile_id, sum(orders) as orders, sum(tickets) as tickets, min(first_at) as first_at,
        max(last_at) as last_at, (array_agg(value order by orders desc, currency))[1] as value,
        (array_agg(currency order by orders desc, currency))[1] as currency
    from bought
    group by profile_id
)
update profiles_profile p
set orders_count = coalesce(person.orders, 0),
    tickets_count = coalesce(person.tickets, 0),
    value = coalesce(person.value, 0),
    currency = coalesce(person.currency, ''),
    first_order_at = person.first_at,
    last_order_at = person.last_at
from stage_touched t
left join person on person.profile_id = t.profile_id
where p.id = t.profile_id
    and (p.orders_count, p.tickets_count, p.value, p.currency, p.first_order_at, p.last_order_at)
        is distinct from (
            coalesce(person.orders, 0), coalesce(person.tickets, 0), coalesce(person.value, 0),
            coalesce(person.currency, ''), person.first_at, person.last_at
        )
