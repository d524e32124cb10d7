-- What hangs on each of these records: events, orders, and the identifiers it shows, strongest first.
select r.id,
    (select count(*) from profiles_event e where e.record_id = r.id) as events,
    (select count(*) from profiles_order o where o.record_id = r.id) as orders,
    array(
        select i.value
        from profiles_recordidentifier ri
        join profiles_identifier i on i.id = ri.identifier_id
        join profiles_identifierkind k on k.key = i.kind_id
        where ri.record_id = r.id
        order by k.priority, i.value
    ) as identifiers
from profiles_sourcerecord r
where r.id = any(:records)
