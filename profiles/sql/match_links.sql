-- Links in force that the matcher made by itself.
select l.id, l.record_a_id, l.record_b_id
from profiles_matchlink l
join profiles_identityact a on a.id = l.act_id and a.kind = 'match'
where l.lifted_by_id is null
order by l.id
