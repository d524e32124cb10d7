-- Events per day (UTC) and source, for the days between the delivery's first and last event.
with span as (
    select source_id, min(occurred_at)::date as first, max(occurred_at)::date as last
    from profiles_event
    where intake_id = :intake
    group by source_id
)
insert into profiles_dailycount (day, source_id, measure, value)
select e.occurred_at::date, e.source_id, 'events', count(*)
from span
join profiles_event e on e.source_id = span.source_id
    and e.occurred_at >= span.first and e.occurred_at < span.last + 1
group by e.occurred_at::date, e.source_id
on conflict (day, source_id, measure) do update set value = excluded.value
where profiles_dailycount.value <> excluded.value
