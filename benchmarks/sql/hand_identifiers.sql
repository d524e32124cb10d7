insert into profiles_identifier (kind_id, namespace, value, state, invalid, state_reason)
select 'email', '', email, 'normal', false, '' from hand_person where email <> '' group by email
union all
select 'phone', '', phone, 'normal', false, '' from hand_person where phone <> '' group by phone
union all
select 'customer_number', 'tickets', customer_id, 'normal', false, '' from hand_person
