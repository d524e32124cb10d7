-- Finds the records that the chunk's people already have, and folds what is new into what was known:
-- the newer observation wins, a blank never wipes a value, name and address move as one unit. A repeat
-- writes nothing but the day its identifiers were last seen, so that day counts too. Where an old row was
-- corrected, what a later delivery observed at the same time stands.
update stage_person s
set record_id = r.id,
    profile_id = r.profile_id,
    existed = true,
    is_customer = s.is_customer or r.is_customer,
    observed_at = greatest(s.observed_at, r.observed_at),
    given_name = case when name_new then s.given_name else r.given_name end,
    family_name = case when name_new then s.family_name else r.family_name end,
    name_key = case when name_new then s.name_key else r.name_key end,
    given_key = case when name_new then s.given_key else r.given_key end,
    street = case when place_new then s.street else r.street end,
    postal_code = case when place_new then s.postal_code else r.postal_code end,
    city = case when place_new then s.city else r.city end,
    country = case when newer and s.country <> '' then s.country else coalesce(nullif(r.country, ''), s.country) end,
    company = case when newer and s.company <> '' then s.company else coalesce(nullif(r.company, ''), s.company) end,
    email = case when newer and s.email <> '' then s.email else coalesce(nullif(r.email, ''), s.email) end,
    phone = case when newer and s.phone <> '' then s.phone else coalesce(nullif(r.phone, ''), s.phone) end,
    gender = case when newer and s.gender <> '' then s.gender else coalesce(nullif(r.gender, ''), s.gender) end,
    language = case when newer and s.language <> '' then s.language else coalesce(nullif(r.language, ''), s.language) end,
    birth_date = case when newer then coalesce(s.birth_date, r.birth_date) else coalesce(r.birth_date, s.birth_date) end,
    birth_year = case when newer then coalesce(s.birth_year, r.birth_year) else coalesce(r.birth_year, s.birth_year) end,
    attributes = case when newer then r.attributes || s.attributes else s.attributes || r.attributes end
from (
    select r.*, t.p, told.newer,
        t.name_key <> '' and (told.newer or r.name_key = '') as name_new,
        t.street || t.postal_code || t.city <> ''
            and (told.newer or r.street || r.postal_code || r.city = '') as place_new
    from stage_person t
    join profiles_sourcerecord r on r.source_id = :source and r.external_id = t.external_id
    cross join lateral (
        select greatest(r.observed_at, max(ri.last_seen)) as at
        from profiles_recordidentifier ri
        where ri.record_id = r.id
    ) seen
    cross join lateral (
        select t.observed_at > seen.at
            or (t.observed_at = seen.at and not (:correcting::bool and r.intake_id > :intake)) as newer
    ) told
) r
where r.p = s.p
