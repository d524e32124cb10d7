-- Whoever hangs together with these records by what both show, by a link or by somebody's word: who they
-- are must be found anew without them.
select ri.record_id
from profiles_recordidentifier ri
where ri.identifier_id = any(:shared) and ri.record_id <> all(:records)
union
select case when record_a_id = any(:records) then record_b_id else record_a_id end
from profiles_matchlink
where (record_a_id = any(:records)) <> (record_b_id = any(:records))
union
select other.record_id
from profiles_linkconstraintrecord mine
join profiles_linkconstraintrecord other on other.constraint_id = mine.constraint_id
where mine.record_id = any(:records) and other.record_id <> all(:records)
union
-- What is left of the person where only a part of them goes.
select r.id
from profiles_sourcerecord r
where r.id <> all(:records)
    and r.profile_id in (select profile_id from profiles_sourcerecord where id = any(:records))
