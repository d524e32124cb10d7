-- Where stage_winner names another record than the one that won before, and whether that changes the value.
select w.profile_id, unit.unit, unit.record_id,
    case unit.unit
        when 'name' then (p.given_name, p.family_name) is distinct from (r.given_name, r.family_name)
        when 'email' then p.email is distinct from r.email
        when 'phone' then p.phone is distinct from r.phone
        when 'address' then (p.street, p.postal_code, p.city) is distinct from (r.street, r.postal_code, r.city)
        when 'country' then p.country is distinct from r.country
        when 'company' then p.company is distinct from r.company
        when 'birth' then (p.birth_date, p.birth_year) is distinct from (r.birth_date, r.birth_year)
        when 'gender' then p.gender is distinct from r.gender
        when 'language' then p.language is distinct from r.language
    end as changes
from stage_winner w
join profiles_profile p on p.id = w.profile_id
cross join lateral (
    values
        ('name', w.name_id), ('email', w.email_id), ('phone', w.phone_id), ('address', w.address_id),
        ('country', w.country_id), ('company', w.company_id), ('birth', w.birth_id), ('gender', w.gender_id),
        ('language', w.language_id)
) unit (unit, record_id)
left join profiles_sourcerecord r on r.id = unit.record_id
where (p.provenance ->> unit.unit)::bigint is distinct from unit.record_id
