-- Contact points whose answers a delivery may have changed: all those of the people whose records, orders
-- or identifiers it wrote, and those it recorded a permission for.
with people as (
    select profile_id from profiles_sourcerecord where intake_id = :intake or first_intake_id = :intake
    union
    select r.profile_id
    from profiles_recordidentifier ri
    join profiles_sourcerecord r on r.id = ri.record_id
    where ri.intake_id = :intake
    union
    select r.profile_id
    from profiles_order o
    join profiles_sourcerecord r on r.id = o.record_id
    where o.intake_id = :intake
        or exists (select from profiles_orderline l where l.order_id = o.id and l.intake_id = :intake)
    union
    select who.profile_id
    from profiles_decision d
    join profiles_decisionmove m on m.decision_id = d.id
    cross join lateral (values (m.from_profile_id), (m.to_profile_id)) as who (profile_id)
    where d.intake_id = :intake
)
select ri.identifier_id
from people
join profiles_sourcerecord r on r.profile_id = people.profile_id
join profiles_recordidentifier ri on ri.record_id = r.id
join profiles_identifier i on i.id = ri.identifier_id
join profiles_identifierkind k on k.key = i.kind_id
where k.role = 'contact_point'
union
select e.identifier_id
from consent_consentevent e
where e.intake_id = :intake and e.identifier_id is not null
