-- The chunk's identifiers by id, and whether each may join people.
update stage_identifier s
set identifier_id = i.id, joins = i.state = 'normal' and k.role <> 'anonymous'
from profiles_identifier i
join profiles_identifierkind k on k.key = i.kind_id
where i.kind_id = s.kind and i.namespace = s.namespace and i.value = s.value
