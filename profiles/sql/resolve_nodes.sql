select id, source_id, external_id, given_key, birth_date, name_key, profile_id, first_profile_id
from profiles_sourcerecord
where id = any(:records)
