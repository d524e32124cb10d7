-- An order of which another delivery told tickets stays, as that delivery's own.
update profiles_order o
set intake_id = other.intake_id, first_intake_id = other.intake_id
from (
    select l.order_id, min(l.first_intake_id) as intake_id
    from profiles_orderline l
    join profiles_order undone on undone.id = l.order_id and undone.intake_id = :intake
    group by l.order_id
) other
where o.intake_id = :intake and other.order_id = o.id
