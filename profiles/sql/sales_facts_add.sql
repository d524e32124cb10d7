-- What these orders sold, without who bought it: tickets paid for by show, day, performance and price band. An
-- order is counted where its first line is.
insert into profiles_salesfact (
    source_id, day, product_id, performance, price_from, currency, orders, tickets
)
select o.source_id, o.ordered_at::date, l.product_id, coalesce(l.starts_at::date, date '1900-01-01'),
    (array[0, 1, 100, 250, 500, 1000, 2000, 5000])[
        width_bucket(
            greatest(coalesce(l.price, 0), 0), array[0, 1, 100, 250, 500, 1000, 2000, 5000]::numeric[]
        )
    ] as band,
    o.currency,
    count(*) filter (where l.is_first),
    coalesce(sum(l.quantity) filter (where l.status in ('paid', '')), 0)
from profiles_order o
join (
    select l.*, row_number() over (partition by l.order_id order by l.id) = 1 as is_first
    from profiles_orderline l
    where l.order_id = any(:orders)
) l on l.order_id = o.id
where o.id = any(:orders) and o.status = 'paid'
group by o.source_id, o.ordered_at::date, l.product_id, coalesce(l.starts_at::date, date '1900-01-01'), band, o.currency
order by 1, 2, 3, 4, 5, 6
on conflict (source_id, day, product_id, performance, price_from, currency) do update
set orders = profiles_salesfact.orders + excluded.orders, tickets = profiles_salesfact.tickets + excluded.tickets
