-- A version that has become the present is history no more. What this delivery made and a later one has
-- rewritten counts as the later one's own.
with present as (
    delete from profiles_recordversion v
    using profiles_sourcerecord t
    where t.id = v.record_id and t.intake_id = v.intake_id
)
update profiles_sourcerecord t
set first_intake_id = coalesce(
    (select v.intake_id from profiles_recordversion v where v.record_id = t.id order by v.id limit 1), t.intake_id
)
where t.first_intake_id = :intake and t.intake_id <> :intake
