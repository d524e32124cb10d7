insert into profiles_profile (
    id, public_id, state, name, given_name, family_name, company, email, phone, street, postal_code, city,
    country, gender, language, provenance, is_customer, orders_count, tickets_count, value, currency
)
select profile_id, gen_random_uuid(), 'active', '', '', '', '', '', '', '', '', '', '', '', '', '{}', true, 0,
    0, 0, ''
from hand_person
