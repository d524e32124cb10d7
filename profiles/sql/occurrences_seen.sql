-- How often each look-alike was met so far in this delivery.
select key, seen
from profiles_rowoccurrence
where intake_id = :intake and key = any(:keys::uuid[])
