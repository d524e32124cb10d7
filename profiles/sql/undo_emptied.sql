-- Profiles that the undo left without a record. They keep their id, which may be known elsewhere, and
-- nothing else.
select count(*)
from stage_touched t
join profiles_profile p on p.id = t.profile_id
where p.state = 'empty'
