-- Rows for the profiles of the chunk's new records.
insert into profiles_profile (
    id, public_id, state, name, given_name, family_name, company, email, phone, street, postal_code, city,
    country, gender, language, provenance, is_customer, orders_count, tickets_count, value, currency
)
select distinct r.profile_id, gen_random_uuid(), 'active', '', '', '', '', '', '', '', '', '', '', '', '',
    '{}'::jsonb, false, 0, 0, 0, ''
from stage_person s
join profiles_sourcerecord r on r.id = s.record_id
where not s.existed
on conflict (id) do nothing
