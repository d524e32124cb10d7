-- Finds the records that the chunk's people already have, and folds what is new into what was known. Every
-- unit for itself: the newer observation wins, a blank never wipes a value, name and address move as one.
-- A repeat writes nothing but the day its identifiers were last seen, so that day counts too. Where an old
-- row was corrected, what a later delivery observed at the same time stands.
update stage_person s
set record_id = r.id,
    profile_id = r.profile_id,
    existed = true,
    is_customer = s.is_customer or r.is_customer,
    observed_at = r.latest,
    observed = r.told,
    given_name = case when 'name' = any(news) then s.given_name else r.given_name end,
    family_name = case when 'name' = any(news) then s.family_name else r.family_name end,
    name_key = case when 'name' = any(news) then s.name_key else r.name_key end,
    given_key = case when 'name' = any(news) then s.given_key else r.given_key end,
    street = case when 'address' = any(news) then s.street else r.street end,
    postal_code = case when 'address' = any(news) then s.postal_code else r.postal_code end,
    city = case when 'address' = any(news) then s.city else r.city end,
    country = case when 'country' = any(news) then s.country else r.country end,
    company = case when 'company' = any(news) then s.company else r.company end,
    email = case when 'email' = any(news) then s.email else r.email end,
    phone = case when 'phone' = any(news) then s.phone else r.phone end,
    gender = case when 'gender' = any(news) then s.gender else r.gender end,
    language = case when 'language' = any(news) then s.language else r.language end,
    birth_year = case when 'birth' = any(news) then s.birth_year else r.birth_year end,
    -- A year alone never takes away the day of a date in that year.
    birth_date = case
        when s.birth_year = r.birth_year and 'birth' = any(news) then coalesce(s.birth_date, r.birth_date)
        when s.birth_year = r.birth_year then coalesce(r.birth_date, s.birth_date)
        when 'birth' = any(news) then s.birth_date
        else r.birth_date
    end,
    attributes = case when r.newer then r.attributes || s.attributes else s.attributes || r.attributes end
from (
    select r.*, t.p, known.latest, units.told, units.news,
        t.observed_at > seen.at or (t.observed_at = seen.at and not known.stands) as newer
    from stage_person t
    join profiles_sourcerecord r on r.source_id = :source and r.external_id = t.external_id
    cross join lateral (
        select greatest(r.observed_at, max(ri.last_seen)) as at
        from profiles_recordidentifier ri
        where ri.record_id = r.id
    ) seen
    cross join lateral (
        select greatest(t.observed_at, r.observed_at) as latest,
            :correcting::bool and r.intake_id > :intake as stands
    ) known
    cross join lateral (
        select coalesce(array_agg(unit) filter (where new), '{}') as news,
            coalesce(jsonb_object_agg(unit, at) filter (where at < known.latest), '{}') as told
        from (
            values
                ('name', t.name_key <> '', r.name_key <> ''),
                ('email', t.email <> '', r.email <> ''),
                ('phone', t.phone <> '', r.phone <> ''),
                ('address', t.street || t.postal_code || t.city <> '', r.street || r.postal_code || r.city <> ''),
                ('country', t.country <> '', r.country <> ''),
                ('company', t.company <> '', r.company <> ''),
                ('birth', t.birth_year is not null, r.birth_year is not null),
                ('gender', t.gender <> '', r.gender <> ''),
                ('language', t.language <> '', r.language <> '')
        ) unit (unit, says, said)
        cross join lateral (
            select coalesce((t.observed ->> unit)::timestamptz, t.observed_at) as now,
                coalesce((r.observed ->> unit)::timestamptz, seen.at) as before,
                coalesce((r.observed ->> unit)::timestamptz, r.observed_at) as kept
        ) time
        cross join lateral (
            select says and (not said or now > before or (now = before and not known.stands)) as new
        ) judged
        cross join lateral (select case when new then now else kept end as at) chosen
        where says or said
    ) units
) r
where r.p = s.p
