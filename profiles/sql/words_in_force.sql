-- What people have said and nobody has lifted about any of these records, with all the records it names.
select c.id, c.kind, c.actor, c.reason, c.fingerprint, c.act_id, c.created_at, m.record_id, m.side
from profiles_linkconstraint c
join profiles_linkconstraintrecord m on m.constraint_id = c.id
where c.lifted_by_id is null
    and c.id in (select constraint_id from profiles_linkconstraintrecord where record_id = any(:records))
