-- Whose value wins, for every unit of everybody touched (docs/reference/survivorship.md). What all say alike
-- is the oldest record's. Where they differ: what a person pinned, the newest first; a contact point of their
-- own before one that is held or shared; a customer's own word before what a buyer typed for an attendee
-- (CONSENT.md C26); then the unit's strategies in their order; at last the older record. A blocked
-- placeholder is nobody's. Address and name are told by one record each; the country goes with the address
-- unless it is pinned itself.
with rule as materialized (
    select unit, sources,
        array_position(names, strategies[1]) as first, array_position(names, strategies[2]) as second,
        array_position(names, strategies[3]) as third, array_position(names, strategies[4]) as fourth
    from jsonb_to_recordset(:rules) as given (unit text, strategies text[], sources bigint[]),
        (values (array['source', 'recent', 'frequent', 'complete'])) known (names)
), lesser as materialized (
    select kind_id as unit, value, state = 'blocked' as blocked
    from profiles_identifier
    where state <> 'normal' and kind_id in ('email', 'phone') and namespace = ''
), pin as materialized (
    select record_id, unit, max(id) as id
    from profiles_pin
    where lifted_by_id is null
    group by record_id, unit
), said as (
    select r.id, r.profile_id,
        case when r.name_key <> '' then r.given_name || '|' || r.family_name end as name,
        case when mail.blocked is not true then nullif(r.email, '') end as email,
        case when phone.blocked is not true then nullif(r.phone, '') end as phone,
        nullif(r.street || '|' || r.postal_code || '|' || r.city, '||') as address,
        nullif(r.company, '') as company,
        r.birth_year + coalesce(extract(doy from r.birth_date), 0) / 1000 as birth,
        nullif(r.gender, '') as gender, nullif(r.language, '') as language, nullif(r.country, '') as country
    from stage_touched t
    join profiles_sourcerecord r on r.profile_id = t.profile_id
    left join lesser mail on mail.unit = 'email' and mail.value = r.email
    left join lesser phone on phone.unit = 'phone' and phone.value = r.phone
    where t.recast
), touched as materialized (
    select profile_id,
        min(id) filter (where name is not null) as name_id,
        min(id) filter (where email is not null) as email_id,
        min(id) filter (where phone is not null) as phone_id,
        min(id) filter (where address is not null) as address_id,
        min(id) filter (where company is not null) as company_id,
        min(id) filter (where birth is not null) as birth_id,
        min(id) filter (where gender is not null) as gender_id,
        min(id) filter (where language is not null) as language_id,
        min(id) filter (where country is not null) as country_id,
        array_remove(array[
            case when min(name) <> max(name) then 'name' end,
            case when min(email) <> max(email) then 'email' end,
            case when min(phone) <> max(phone) then 'phone' end,
            case when min(address) <> max(address) then 'address' end,
            case when min(company) <> max(company) then 'company' end,
            case when min(birth) <> max(birth) then 'birth' end,
            case when min(gender) <> max(gender) then 'gender' end,
            case when min(language) <> max(language) then 'language' end,
            case when min(country) <> max(country) then 'country' end
        ], null) as disputed
    from said
    group by profile_id
), told as (
    select r.profile_id, r.id, unit.unit, unit.by_customer, unit.filled,
        coalesce(array_position(rule.sources, r.source_id), 1000000 + s.trust) as rank,
        extract(epoch from coalesce((r.observed ->> unit.unit)::timestamptz, r.observed_at)) as at,
        count(*) over (partition by r.profile_id, unit.unit, hashtextextended(unit.value, 0)) as alike,
        pin.id as pin, lesser.value is not null as is_lesser,
        rule.first, rule.second, rule.third, rule.fourth
    from touched t
    join profiles_sourcerecord r on r.profile_id = t.profile_id
    join profiles_source s on s.id = r.source_id
    cross join lateral unnest(t.disputed) as disputed (unit)
    cross join lateral (
        select disputed.unit,
            r.is_customer and disputed.unit in ('name', 'email', 'phone', 'address') as by_customer,
            case disputed.unit
                when 'name' then r.name_key
                when 'email' then r.email
                when 'phone' then r.phone
                when 'address' then nullif(lower(r.street || '|' || r.postal_code || '|' || r.city), '||')
                when 'company' then lower(r.company)
                when 'birth' then coalesce(r.birth_date::text, r.birth_year::text)
                when 'gender' then r.gender
                when 'language' then r.language
                when 'country' then r.country
            end as value,
            case disputed.unit
                when 'name' then length(r.name_key)
                when 'address' then
                    ((r.street <> '')::int + (r.postal_code <> '')::int + (r.city <> '')::int) * 10000
                        + length(r.street || r.postal_code || r.city)
                when 'company' then length(r.company)
                when 'birth' then (r.birth_date is not null)::int
                when 'language' then length(r.language)
                else 0
            end as filled
    ) unit
    join rule on rule.unit = unit.unit
    left join lesser on lesser.unit = unit.unit and lesser.value = unit.value
    left join pin on pin.record_id = r.id and pin.unit = unit.unit
    where t.disputed <> '{}' and unit.value <> '' and lesser.blocked is not true
), scored as (
    select *, array[rank, -at, -alike, -filled]::float8[] as scores
    from told
), best as (
    select distinct on (profile_id, unit) profile_id, unit, id, pin
    from scored
    order by profile_id, unit, pin desc nulls last, is_lesser, by_customer desc, scores[first], scores[second],
        scores[third], scores[fourth], id
), chosen as (
    select profile_id,
        max(id) filter (where unit = 'name') as name_id,
        max(id) filter (where unit = 'email') as email_id,
        max(id) filter (where unit = 'phone') as phone_id,
        max(id) filter (where unit = 'address') as address_id,
        max(id) filter (where unit = 'company') as company_id,
        max(id) filter (where unit = 'birth') as birth_id,
        max(id) filter (where unit = 'gender') as gender_id,
        max(id) filter (where unit = 'language') as language_id,
        max(id) filter (where unit = 'country') as country_id,
        bool_or(pin is not null) filter (where unit = 'country') as country_pinned
    from best
    group by profile_id
)
insert into stage_winner (
    profile_id, name_id, email_id, phone_id, address_id, company_id, birth_id, gender_id, language_id, country_id
)
select t.profile_id, coalesce(c.name_id, t.name_id), coalesce(c.email_id, t.email_id),
    coalesce(c.phone_id, t.phone_id), coalesce(c.address_id, t.address_id),
    coalesce(c.company_id, t.company_id), coalesce(c.birth_id, t.birth_id),
    coalesce(c.gender_id, t.gender_id), coalesce(c.language_id, t.language_id),
    case
        when a.country <> '' and c.country_pinned is not true then a.id
        else coalesce(c.country_id, t.country_id)
    end
from touched t
left join chosen c on c.profile_id = t.profile_id
left join profiles_sourcerecord a on a.id = coalesce(c.address_id, t.address_id) and 'country' = any(t.disputed)
