-- The chunk's identifiers by id.
update stage_identifier s
set identifier_id = i.id
from profiles_identifier i
where i.kind_id = s.kind and i.namespace = s.namespace and i.value = s.value
