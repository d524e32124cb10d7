-- A buyer whom another delivery's orders (former ones too), events or identifiers name stays, as that
-- delivery's own.
with undone as materialized (
    select id from profiles_sourcerecord where intake_id = :intake
)
update profiles_sourcerecord r
set intake_id = other.intake_id, first_intake_id = other.intake_id
from (
    select record_id, min(intake_id) as intake_id
    from (
        select o.record_id, o.first_intake_id as intake_id
        from profiles_order o
        join undone on undone.id = o.record_id
        union all
        select undone.id, v.intake_id
        from profiles_orderversion v
        join undone on undone.id = (v.values ->> 'record_id')::bigint
        union all
        select e.record_id, e.intake_id
        from profiles_event e
        join undone on undone.id = e.record_id
        union all
        select ri.record_id, ri.intake_id
        from profiles_recordidentifier ri
        join undone on undone.id = ri.record_id
        where ri.intake_id <> :intake
    ) named
    group by record_id
) other
where other.record_id = r.id
