insert into profiles_sourcerecord (
    id, source_id, external_id, profile_id, first_profile_id, is_customer, given_name, family_name, company,
    email, phone, street, postal_code, city, country, gender, language, attributes, name_key, given_key,
    observed_at, first_intake_id, intake_id
)
select record_id, :source, customer_id, profile_id, profile_id, true, first_name, last_name, '', email, phone,
    street, zip, city, country, '', '', '{}', name_key, given_key, seen, :intake, :intake
from hand_person
