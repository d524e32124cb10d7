-- What these records show, and whether it may join people.
select ri.record_id, i.id, i.kind_id, i.namespace, i.value, i.state = 'normal' and k.role <> 'anonymous'
from profiles_recordidentifier ri
join profiles_identifier i on i.id = ri.identifier_id
join profiles_identifierkind k on k.key = i.kind_id
where ri.record_id = any(:records) and i.state <> 'blocked'
