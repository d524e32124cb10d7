-- Orders told ticket by ticket: paid while any ticket is paid, and worth what its live tickets cost.
update profiles_order o
set status = told.status, total = coalesce(s.total, told.total)
from stage_order s
join (
    select l.order_id,
        (array['paid', 'pending', 'refunded', 'cancelled', 'expired'])[min(
            case l.status
                when 'paid' then 1 when 'pending' then 2 when 'refunded' then 3 when 'cancelled' then 4
                else 5
            end
        )] as status,
        sum((coalesce(l.price, 0) + coalesce(l.fee, 0)) * l.quantity)
            filter (where l.status in ('paid', 'pending')) as total
    from profiles_orderline l
    where l.order_id in (select order_id from stage_order where not complete)
    group by l.order_id
) told on told.order_id = s.order_id
where not s.complete and o.id = s.order_id
    and (o.status, o.total) is distinct from (told.status, coalesce(s.total, told.total))
