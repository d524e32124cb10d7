-- Whose records this transaction has moved, or whose values it may have changed.
select profile_id
from stage_touched
order by profile_id
