insert into profiles_recordidentifier (record_id, identifier_id, first_seen, last_seen, intake_id)
select p.record_id, i.id, p.seen, p.seen, :intake
from hand_person p join profiles_identifier i on i.kind_id = 'email' and i.namespace = '' and i.value = p.email
union all
select p.record_id, i.id, p.seen, p.seen, :intake
from hand_person p join profiles_identifier i on i.kind_id = 'phone' and i.namespace = '' and i.value = p.phone
union all
select p.record_id, i.id, p.seen, p.seen, :intake
from hand_person p
join profiles_identifier i
    on i.kind_id = 'customer_number' and i.namespace = 'tickets' and i.value = p.customer_id
