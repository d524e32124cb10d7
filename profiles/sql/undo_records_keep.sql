-- A buyer whom another delivery's orders or events name stays, as that delivery's own.
update profiles_sourcerecord r
set intake_id = other.intake_id, first_intake_id = other.intake_id
from (
    select record_id, min(intake_id) as intake_id
    from (
        select o.record_id, o.first_intake_id as intake_id from profiles_order o where o.record_id is not null
        union all
        select e.record_id, e.intake_id from profiles_event e
        union all
        select ri.record_id, ri.intake_id from profiles_recordidentifier ri where ri.intake_id <> :intake
    ) named
    group by record_id
) other
where r.intake_id = :intake and other.record_id = r.id
