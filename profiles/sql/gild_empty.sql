-- Profiles that have no record any more keep their id and nothing else.
update profiles_profile p
set state = case when p.merged_into_id is null then 'empty' else 'merged' end,
    name = '', given_name = '', family_name = '', company = '', email = '', phone = '', street = '',
    postal_code = '', city = '', country = '', birth_date = null, birth_year = null, gender = '',
    language = '', provenance = '{}', is_customer = false, updated_at = now()
from stage_touched t
where t.recast and p.id = t.profile_id
    and not exists (select from profiles_sourcerecord r where r.profile_id = p.id)
