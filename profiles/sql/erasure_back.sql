-- Who of the erased is known again: the source has a record of them, or somebody (of that name, where the
-- tombstone is of one) shows what they were known by.
select external_id
from profiles_sourcerecord
where source_id = :source and external_id = any(:known)
union
select asked.external_id
from unnest(:external_ids::text[], :kinds::text[], :namespaces::text[], :values::text[], :names::text[])
    as asked (external_id, kind, namespace, value, name)
join profiles_identifier i on i.kind_id = asked.kind and i.namespace = asked.namespace and i.value = asked.value
join profiles_recordidentifier ri on ri.identifier_id = i.id
join profiles_sourcerecord r on r.id = ri.record_id
where asked.name is null or r.name_key = asked.name
