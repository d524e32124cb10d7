-- What these records show, in which state it is and whether a person said so, and when it was seen.
select ri.record_id, i.id, i.kind_id, i.namespace, i.value, i.state, i.decided_by <> '', ri.first_seen,
    ri.last_seen
from profiles_recordidentifier ri
join profiles_identifier i on i.id = ri.identifier_id
where ri.record_id = any(:records)
