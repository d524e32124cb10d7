-- Events per day (UTC) and source (see days_orders).
with span as (
    select i.source_id,
        case when i.state = 'undone' then date '1900-01-01' else min(e.occurred_at)::date end as first,
        case when i.state = 'undone' then date '2900-01-01' else max(e.occurred_at)::date end as last
    from profiles_intake i
    left join profiles_event e on e.intake_id = i.id
    where i.id = :intake
    group by i.source_id, i.state
), day as materialized (
    select e.source_id, e.occurred_at::date as day, count(*) as n
    from span
    join profiles_event e on e.source_id = span.source_id
        and e.occurred_at >= span.first and e.occurred_at < span.last + 1
    group by e.source_id, e.occurred_at::date
), gone as (
    delete from profiles_dailycount d
    using span
    where d.source_id = span.source_id and d.measure = 'events'
        and d.day between span.first and span.last
        and d.day not in (select day from day)
)
insert into profiles_dailycount (day, source_id, measure, value)
select day, source_id, 'events', n from day
on conflict (day, source_id, measure) do update set value = excluded.value
where profiles_dailycount.value <> excluded.value
