with taken as (
    insert into profiles_event (
        source_id, message_id, record_id, type, occurred_at, properties, intake_id
    )
    select distinct on (e.message_id) :source, e.message_id, p.record_id, e.type, e.occurred_at, e.properties,
        :intake
    from stage_event e
    join stage_person p on p.p = e.p
    order by e.message_id, e.number
    on conflict (source_id, message_id) do nothing
    returning message_id
)
update stage_event e
set fresh = true
from taken
where taken.message_id = e.message_id
