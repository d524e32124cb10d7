-- An order of which another delivery told tickets stays.
delete from profiles_order o
where o.intake_id = :intake
    and not exists (select from profiles_orderline l where l.order_id = o.id)
