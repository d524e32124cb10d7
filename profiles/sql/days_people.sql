-- New people per day (UTC) by the source that knew them first. Any delivery may move a person's first
-- day, so all days are counted; :intake is only there to be called like its neighbours. A visitor without
-- a name is nobody yet.
with day as (
    select known_since::date as day, first_source_id as source_id, count(*) as n
    from profiles_profile
    where state = 'active' and not is_visitor and known_since is not null and first_source_id is not null
        and :intake is not null
    group by known_since::date, first_source_id
), gone as (
    delete from profiles_dailycount d
    where d.measure = 'new_people'
        and not exists (select from day where day.day = d.day and day.source_id = d.source_id)
)
insert into profiles_dailycount (day, source_id, measure, value)
select day, source_id, 'new_people', n from day
on conflict (day, source_id, measure) do update set value = excluded.value
where profiles_dailycount.value <> excluded.value
