update profiles_sourcerecord r
set is_customer = old.is_customer, given_name = old.given_name, family_name = old.family_name,
    company = old.company, email = old.email, phone = old.phone, street = old.street,
    postal_code = old.postal_code, city = old.city, country = old.country, birth_date = old.birth_date,
    birth_year = old.birth_year, gender = old.gender, language = old.language, attributes = old.attributes,
    observed = coalesce(old.observed, '{}'), name_key = old.name_key, given_key = old.given_key,
    observed_at = v.observed_at, intake_id = v.intake_id
from (
    select distinct on (record_id) record_id, intake_id, values, observed_at
    from profiles_recordversion
    order by record_id, superseded_at desc, id desc
) v,
    lateral jsonb_populate_record(null::profiles_sourcerecord, v.values) old
where r.intake_id = :intake and v.record_id = r.id
