insert into profiles_searchkey (profile_id, token)
select distinct r.profile_id, w.token
from profiles_sourcerecord r
cross join lateral unnest(string_to_array(r.name_key, ' ')) as w (token)
