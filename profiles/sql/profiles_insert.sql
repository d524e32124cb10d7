-- Rows for the profiles that new records ended up in.
insert into profiles_profile (
    id, public_id, state, name, given_name, family_name, company, email, phone, street, postal_code, city,
    country, gender, language, provenance, is_customer, orders_count, tickets_count, value, currency
)
select id, gen_random_uuid(), 'active', '', '', '', '', '', '', '', '', '', '', '', '', '{}', false, 0, 0, 0, ''
from unnest(:profiles::bigint[]) as new (id)
on conflict (id) do nothing
