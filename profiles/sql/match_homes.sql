-- Whose these records are, and what that person has bought for.
select r.id, r.profile_id, p.value
from profiles_sourcerecord r
join profiles_profile p on p.id = r.profile_id and p.state = 'active'
where r.id = any(:records)
