-- What taking the delivery back would remove and restore.
select
    (select count(*) from profiles_profile p
     where exists (select from profiles_sourcerecord r where r.profile_id = p.id)
        and not exists (
            select from profiles_sourcerecord r
            where r.profile_id = p.id and not (
                r.intake_id = :intake
                and not exists (select from profiles_recordversion v where v.record_id = r.id)
                and not exists (
                    select from profiles_order o where o.record_id = r.id and o.first_intake_id <> :intake
                )
            )
        )) as people_removed,
    (select count(*) from profiles_sourcerecord r
     where r.intake_id = :intake
        and not exists (select from profiles_recordversion v where v.record_id = r.id)
        and not exists (
            select from profiles_order o where o.record_id = r.id and o.first_intake_id <> :intake
        )) as records_removed,
    (select count(*) from profiles_sourcerecord r
     where r.intake_id = :intake
        and exists (select from profiles_recordversion v where v.record_id = r.id)) as records_restored,
    (select count(*) from profiles_order o
     where o.intake_id = :intake
        and not exists (select from profiles_orderversion v where v.order_id = o.id)) as orders_removed,
    (select count(*) from profiles_order o
     where o.intake_id = :intake
        and exists (select from profiles_orderversion v where v.order_id = o.id)) as orders_restored,
    (select count(*) from profiles_orderline l
     where l.intake_id = :intake
        and not exists (select from profiles_lineversion v where v.line_id = l.id)) as lines_removed,
    (select count(*) from profiles_orderline l
     where l.intake_id = :intake
        and exists (select from profiles_lineversion v where v.line_id = l.id)) as lines_restored,
    (select count(*) from profiles_event where intake_id = :intake) as events_removed
