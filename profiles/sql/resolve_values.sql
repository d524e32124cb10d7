-- What these records show, in which state it is and whether a person said so; where a limit has a window,
-- also when it was seen.
select ri.record_id, i.id, i.kind_id, i.namespace, i.value, i.state, i.decided_by <> '',
    case when i.kind_id = any(:windowed) then ri.first_seen end,
    case when i.kind_id = any(:windowed) then ri.last_seen end
from profiles_recordidentifier ri
join profiles_identifier i on i.id = ri.identifier_id
where ri.record_id = any(:records)
