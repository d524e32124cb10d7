select id, given_key, name_key
from profiles_sourcerecord
where id = any(:records)
