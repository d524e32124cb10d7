-- Golden values: for every unit the record that wins, by the source's trust, then the newest
-- observation (IDENTITY.md, survivorship). Name and address stay together; provenance says who won.
with person as (
    select r.profile_id,
        bool_or(r.is_customer) as is_customer,
        min(seen.at) as known_since,
        (array_agg(r.source_id order by seen.at, r.id))[1] as first_source_id,
        (array_agg(r.id order by r.is_customer desc, s.trust, r.observed_at desc, r.id)
            filter (where r.name_key <> ''))[1] as name_id,
        (array_agg(r.id order by r.is_customer desc, s.trust, r.observed_at desc, r.id)
            filter (where r.email <> ''))[1] as email_id,
        (array_agg(r.id order by r.is_customer desc, s.trust, r.observed_at desc, r.id)
            filter (where r.phone <> ''))[1] as phone_id,
        (array_agg(r.id order by r.is_customer desc, s.trust, r.observed_at desc, r.id)
            filter (where r.street || r.postal_code || r.city <> ''))[1] as place_id,
        (array_agg(r.id order by s.trust, r.observed_at desc, r.id)
            filter (where r.company <> ''))[1] as company_id,
        (array_agg(r.id order by s.trust, r.observed_at desc, r.id)
            filter (where r.birth_year is not null))[1] as birth_id,
        (array_agg(r.id order by s.trust, r.observed_at desc, r.id)
            filter (where r.gender <> ''))[1] as gender_id,
        (array_agg(r.id order by s.trust, r.observed_at desc, r.id)
            filter (where r.language <> ''))[1] as language_id,
        (array_agg(r.country order by s.trust, r.observed_at desc, r.id)
            filter (where r.country <> ''))[1] as country
    from stage_touched t
    join profiles_sourcerecord r on r.profile_id = t.profile_id
    join profiles_source s on s.id = r.source_id
    cross join lateral (
        select coalesce(min(ri.first_seen), r.observed_at) as at
        from profiles_recordidentifier ri
        where ri.record_id = r.id
    ) seen
    where t.recast
    group by r.profile_id
)
update profiles_profile p
set state = 'active',
    merged_into_id = null,
    name = trim(coalesce(n.given_name, '') || ' ' || coalesce(n.family_name, '')),
    given_name = coalesce(n.given_name, ''),
    family_name = coalesce(n.family_name, ''),
    company = coalesce(c.company, ''),
    email = coalesce(e.email, ''),
    phone = coalesce(f.phone, ''),
    street = coalesce(a.street, ''),
    postal_code = coalesce(a.postal_code, ''),
    city = coalesce(a.city, ''),
    country = coalesce(nullif(a.country, ''), person.country, ''),
    birth_date = b.birth_date,
    birth_year = b.birth_year,
    gender = coalesce(g.gender, ''),
    language = coalesce(l.language, ''),
    provenance = jsonb_strip_nulls(jsonb_build_object(
        'name', name_id, 'email', email_id, 'phone', phone_id, 'address', place_id, 'company', company_id,
        'birth', birth_id, 'gender', gender_id, 'language', language_id
    )),
    is_customer = person.is_customer,
    known_since = person.known_since,
    first_source_id = person.first_source_id,
    updated_at = now()
from person
left join profiles_sourcerecord n on n.id = name_id
left join profiles_sourcerecord e on e.id = email_id
left join profiles_sourcerecord f on f.id = phone_id
left join profiles_sourcerecord a on a.id = place_id
left join profiles_sourcerecord c on c.id = company_id
left join profiles_sourcerecord b on b.id = birth_id
left join profiles_sourcerecord g on g.id = gender_id
left join profiles_sourcerecord l on l.id = language_id
where p.id = person.profile_id
