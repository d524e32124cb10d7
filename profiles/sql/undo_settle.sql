-- Orders that lost or regained tickets: status and worth follow the tickets again.
update profiles_order o
set status = told.status, total = told.total
from (
    select s.order_id,
        (array['paid', 'pending', 'refunded', 'cancelled', 'expired'])[min(
            case l.status
                when 'paid' then 1 when 'pending' then 2 when 'refunded' then 3 when 'cancelled' then 4
                else 5
            end
        )] as status,
        case
            when s.complete then undone.total
            else sum((coalesce(l.price, 0) + coalesce(l.fee, 0)) * l.quantity)
                filter (where l.status in ('paid', 'pending'))
        end as total
    from stage_order s
    join profiles_order undone on undone.id = s.order_id
    join profiles_orderline l on l.order_id = s.order_id
    group by s.order_id, s.complete, undone.total
) told
where told.order_id = o.id and (o.status, o.total) is distinct from (told.status, told.total)
