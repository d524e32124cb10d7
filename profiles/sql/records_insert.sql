-- New records. Each starts in a profile of its own, whose row is only written if the record is still
-- alone after `resolve` (the foreign key is checked when the chunk commits).
insert into profiles_sourcerecord (
    id, source_id, external_id, profile_id, first_profile_id, is_customer, given_name, family_name, company,
    email, phone, street, postal_code, city, country, birth_date, birth_year, gender, language, attributes,
    observed, name_key, given_key, observed_at, first_intake_id, intake_id
)
select s.record_id, :source, s.external_id, own.id, own.id, s.is_customer, s.given_name, s.family_name,
    s.company, s.email, s.phone, s.street, s.postal_code, s.city, s.country, s.birth_date, s.birth_year,
    s.gender, s.language, s.attributes, s.observed, s.name_key, s.given_key, s.observed_at, :intake, :intake
from stage_person s,
    lateral (select nextval((select pg_get_serial_sequence('profiles_profile', 'id')::regclass)) + s.p * 0 as id) own
where not s.existed
