-- What a record said before this delivery, unless this delivery itself had written it.
insert into profiles_recordversion (record_id, intake_id, values, observed_at, superseded_at)
select r.id, r.intake_id,
    jsonb_build_object(
        'is_customer', r.is_customer, 'given_name', r.given_name, 'family_name', r.family_name,
        'company', r.company, 'email', r.email, 'phone', r.phone, 'street', r.street,
        'postal_code', r.postal_code, 'city', r.city, 'country', r.country, 'birth_date', r.birth_date,
        'birth_year', r.birth_year, 'gender', r.gender, 'language', r.language,
        'attributes', r.attributes, 'observed', r.observed, 'name_key', r.name_key, 'given_key', r.given_key
    ),
    r.observed_at, now()
from stage_person s
join profiles_sourcerecord r on r.id = s.record_id
where s.changed and r.intake_id <> :intake
on conflict (record_id, intake_id) do update
set values = excluded.values, observed_at = excluded.observed_at, superseded_at = excluded.superseded_at
