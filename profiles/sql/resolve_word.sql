-- What people have said of these records, and still say.
select c.id, c.kind, cr.record_id, cr.side
from profiles_linkconstraintrecord cr
join profiles_linkconstraint c on c.id = cr.constraint_id
where cr.record_id = any(:records) and c.lifted_by_id is null
