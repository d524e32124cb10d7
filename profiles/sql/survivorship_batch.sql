-- The next people with several records, to be looked at (survivorship_trial).
insert into stage_touched (profile_id)
select profile_id
from profiles_sourcerecord
where profile_id > :after
group by profile_id
having count(*) > 1
order by profile_id
limit :size
returning profile_id
