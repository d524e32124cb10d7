update stage_order s
set order_id = nextval(pg_get_serial_sequence('profiles_order', 'id')),
    record_id = (select p.record_id from stage_person p where p.p = s.p)
where s.order_id is null
