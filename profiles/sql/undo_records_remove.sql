with links as (
    delete from profiles_linkconstraint c
    using profiles_sourcerecord r
    where r.intake_id = :intake and r.id in (c.record_a_id, c.record_b_id)
)
delete from profiles_sourcerecord where intake_id = :intake
