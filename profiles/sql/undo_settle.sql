-- Orders that lost or regained tickets: status and worth follow the tickets again.
update profiles_order o
set status = told.status, total = told.total
from (
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
    group by l.order_id
) told,
    profiles_intake i, stage_touched t, profiles_sourcerecord r
where i.id = :intake and o.source_id = i.source_id and told.order_id = o.id
    and r.id = o.record_id and t.profile_id = r.profile_id
    and not o.complete
    and (o.status, o.total) is distinct from (told.status, told.total)
