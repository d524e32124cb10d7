update profiles_sourcerecord r
set is_customer = s.is_customer, given_name = s.given_name, family_name = s.family_name,
    company = s.company, email = s.email, phone = s.phone, street = s.street,
    postal_code = s.postal_code, city = s.city, country = s.country, birth_date = s.birth_date,
    birth_year = s.birth_year, gender = s.gender, language = s.language, attributes = s.attributes,
    observed = s.observed, name_key = s.name_key, given_key = s.given_key, observed_at = s.observed_at, intake_id = :intake
from stage_person s
where s.changed and r.id = s.record_id
