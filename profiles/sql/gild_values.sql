-- Golden values: of every unit what the record says that won it (gild_winners). Provenance says who won.
with person as (
    select w.profile_id,
        bool_or(r.is_customer) as is_customer,
        min(seen.at) as known_since,
        (array_agg(r.source_id order by seen.at, r.id))[1] as first_source_id,
        max(r.given_name) filter (where r.id = w.name_id) as given_name,
        max(r.family_name) filter (where r.id = w.name_id) as family_name,
        max(r.company) filter (where r.id = w.company_id) as company,
        max(r.email) filter (where r.id = w.email_id) as email,
        max(r.phone) filter (where r.id = w.phone_id) as phone,
        max(r.street) filter (where r.id = w.address_id) as street,
        max(r.postal_code) filter (where r.id = w.address_id) as postal_code,
        max(r.city) filter (where r.id = w.address_id) as city,
        max(r.country) filter (where r.id = w.country_id) as country,
        max(r.birth_date) filter (where r.id = w.birth_id) as birth_date,
        max(r.birth_year) filter (where r.id = w.birth_id) as birth_year,
        max(r.gender) filter (where r.id = w.gender_id) as gender,
        max(r.language) filter (where r.id = w.language_id) as language
    from stage_winner w
    join profiles_sourcerecord r on r.profile_id = w.profile_id
    cross join lateral (
        select coalesce(min(ri.first_seen), r.observed_at) as at
        from profiles_recordidentifier ri
        where ri.record_id = r.id
    ) seen
    group by w.profile_id
)
update profiles_profile p
set state = 'active',
    merged_into_id = null,
    name = trim(coalesce(person.given_name, '') || ' ' || coalesce(person.family_name, '')),
    given_name = coalesce(person.given_name, ''),
    family_name = coalesce(person.family_name, ''),
    company = coalesce(person.company, ''),
    email = coalesce(person.email, ''),
    phone = coalesce(person.phone, ''),
    street = coalesce(person.street, ''),
    postal_code = coalesce(person.postal_code, ''),
    city = coalesce(person.city, ''),
    country = coalesce(person.country, ''),
    birth_date = person.birth_date,
    birth_year = person.birth_year,
    gender = coalesce(person.gender, ''),
    language = coalesce(person.language, ''),
    provenance = jsonb_strip_nulls(jsonb_build_object(
        'name', name_id, 'email', email_id, 'phone', phone_id, 'address', address_id, 'company', company_id,
        'birth', birth_id, 'gender', gender_id, 'language', language_id, 'country', country_id
    )),
    is_customer = person.is_customer,
    known_since = person.known_since,
    first_source_id = person.first_source_id,
    updated_at = now()
from person
join stage_winner w on w.profile_id = person.profile_id
where p.id = person.profile_id
