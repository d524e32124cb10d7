-- New orders get the id they will have, and every order its buyer's record.
update stage_order s
set order_id = nextval((select pg_get_serial_sequence('profiles_order', 'id')::regclass)), record_id = t.record_id
from (
    select o.o, p.record_id
    from stage_order o
    left join stage_person p on p.p = o.p
) t
where t.o = s.o and s.order_id is null
