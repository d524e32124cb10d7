-- Orders told ticket by ticket that this delivery wrote or told a ticket of. Those worth anything but what
-- their live tickets cost have a total of the source's own (complete), which the undo leaves alone.
insert into stage_order (order_id, complete)
select o.id, o.total is distinct from told.total
from profiles_order o
cross join lateral (
    select sum((coalesce(l.price, 0) + coalesce(l.fee, 0)) * l.quantity)
        filter (where l.status in ('paid', 'pending')) as total
    from profiles_orderline l
    where l.order_id = o.id
) told
where not o.complete
    and o.id in (
        select id from profiles_order where intake_id = :intake
        union all
        select order_id from profiles_orderline where intake_id = :intake
    )
