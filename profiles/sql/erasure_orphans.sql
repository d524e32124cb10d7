-- Values that no record shows any more and that were these records' once: in a former version, or as another
-- room remembers.
select i.id
from profiles_identifier i
where (
        i.id = any(:also)
        or i.kind_id in ('email', 'phone') and i.namespace = '' and i.value in (
            select v.values ->> i.kind_id from profiles_recordversion v where v.record_id = any(:records)
        )
    )
    and not exists (select from profiles_recordidentifier ri where ri.identifier_id = i.id)
