-- What taking the delivery back would remove and restore.
with line_gone as materialized (
    select l.id, l.order_id, exists (select from profiles_lineversion v where v.line_id = l.id) as returns
    from profiles_orderline l
    where l.intake_id = :intake
), order_gone as materialized (
    select o.id, o.record_id, exists (select from profiles_orderversion v where v.order_id = o.id) as returns,
        (select count(*) from profiles_orderline l where l.order_id = o.id)
            > coalesce(gone.n, 0) as stays
    from profiles_order o
    left join (
        select order_id, count(*) as n from line_gone where not returns group by order_id
    ) gone on gone.order_id = o.id
    where o.intake_id = :intake
), record_gone as materialized (
    select r.id, r.profile_id, exists (select from profiles_recordversion v where v.record_id = r.id) as returns
    from profiles_sourcerecord r
    where r.intake_id = :intake
), named as (
    select o.record_id
    from profiles_order o
    left join order_gone g on g.id = o.id
    where g.id is null or (g.stays and not g.returns)
    union
    select (v.values ->> 'record_id')::bigint from profiles_orderversion v where v.intake_id <> :intake
    union
    select e.record_id from profiles_event e where e.intake_id <> :intake
    union
    select ri.record_id from profiles_recordidentifier ri where ri.intake_id <> :intake
), removed as materialized (
    select g.id, g.profile_id
    from record_gone g
    where not g.returns and not exists (select from named n where n.record_id = g.id)
)
select
    (select count(*)
     from (select profile_id, count(*) as n from removed group by profile_id) g
     where g.n = (select count(*) from profiles_sourcerecord r where r.profile_id = g.profile_id)
    ) as people_removed,
    (select count(*) from removed) as records_removed,
    (select count(*) from record_gone where returns) as records_restored,
    (select count(*) from order_gone where not returns and not stays) as orders_removed,
    (select count(*) from order_gone where returns) as orders_restored,
    (select count(*) from line_gone where not returns) as lines_removed,
    (select count(*) from line_gone where returns) as lines_restored,
    (select count(*) from profiles_event where intake_id = :intake) as events_removed
