-- How many people have several records. Nobody else's values can depend on a rule.
select count(*)
from (select from profiles_sourcerecord group by profile_id having count(*) > 1) several
