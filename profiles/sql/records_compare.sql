-- Which known people say something new, or again what the source had left out for a while; and whether it
-- bears on who they are.
update stage_person s
set changed = true,
    rekeyed = (s.given_key, s.name_key, s.birth_date) is distinct from (r.given_key, r.name_key, r.birth_date)
from profiles_sourcerecord r
where r.id = s.record_id
    and ((
        s.is_customer, s.given_name, s.family_name, s.company, s.email, s.phone, s.street, s.postal_code,
        s.city, s.country, s.birth_date, s.birth_year, s.gender, s.language, s.attributes
    ) is distinct from (
        r.is_customer, r.given_name, r.family_name, r.company, r.email, r.phone, r.street, r.postal_code,
        r.city, r.country, r.birth_date, r.birth_year, r.gender, r.language, r.attributes
    ) or exists (
        select from jsonb_each_text(r.observed) was (unit, at)
        where coalesce((s.observed ->> was.unit)::timestamptz, s.observed_at) > was.at::timestamptz
    ))
