-- Orders and tickets per day (UTC) and source: for the days between the first and last order that the
-- delivery wrote, told a ticket of or moved to another day; for all days when it was undone. Sales that are
-- nobody's any more count on.
with told as (
    select o.ordered_at from profiles_order o where o.intake_id = :intake
    union all
    select o.ordered_at
    from profiles_orderline l
    join profiles_order o on o.id = l.order_id
    where l.intake_id = :intake
    union all
    select (v.values ->> 'ordered_at')::timestamptz
    from profiles_order o
    join profiles_orderversion v on v.order_id = o.id
    where o.intake_id = :intake
), span as (
    select i.source_id,
        case when i.state = 'undone' then date '1900-01-01' else min(t.ordered_at)::date end as first,
        case when i.state = 'undone' then date '2900-01-01' else max(t.ordered_at)::date end as last
    from profiles_intake i
    left join told t on true
    where i.id = :intake
    group by i.source_id, i.state
), sold as (
    select o.source_id, o.ordered_at::date as day, 1 as orders, tickets.n as tickets
    from span
    join profiles_order o on o.source_id = span.source_id and o.status = 'paid'
        and o.ordered_at >= span.first and o.ordered_at < span.last + 1
    cross join lateral (
        select coalesce(sum(l.quantity), 0) as n
        from profiles_orderline l
        where l.order_id = o.id and l.status in ('paid', '')
    ) tickets
    union all
    select f.source_id, f.day, f.orders, f.tickets
    from span
    join profiles_salesfact f on f.source_id = span.source_id and f.day between span.first and span.last
), day as materialized (
    select source_id, day, sum(orders) as orders, sum(tickets) as tickets
    from sold
    group by source_id, day
), gone as (
    delete from profiles_dailycount d
    using span
    where d.source_id = span.source_id and d.measure in ('orders', 'tickets')
        and d.day between span.first and span.last
        and d.day not in (select day from day)
)
insert into profiles_dailycount (day, source_id, measure, value)
select day, source_id, 'orders', orders from day
union all
select day, source_id, 'tickets', tickets from day
on conflict (day, source_id, measure) do update set value = excluded.value
where profiles_dailycount.value <> excluded.value
