-- What was said of these records. A word that is then about nobody, or about one side only, goes as a whole.
with spoken as materialized (
    select distinct constraint_id as id from profiles_linkconstraintrecord where record_id = any(:records)
), moot as materialized (
    select s.id
    from spoken s
    join profiles_linkconstraint c on c.id = s.id
    left join profiles_linkconstraintrecord m on m.constraint_id = s.id and m.record_id <> all(:records)
    group by s.id, c.kind
    having case when c.kind = 'must' then count(m.record_id) < 2 else count(distinct m.side) < 2 end
), emptied as (
    delete from profiles_linkconstraint where id in (select id from moot)
)
delete from profiles_linkconstraintrecord
where record_id = any(:records) or constraint_id in (select id from moot)
