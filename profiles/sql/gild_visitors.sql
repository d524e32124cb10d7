-- Who is a visitor without a name: no customer, called nothing, and all their records show is cookies and
-- devices. Placeholders show nothing. Hardly anybody touched is nameless, so those are picked out first.
with nameless as materialized (
    select p.id
    from stage_touched t
    join profiles_profile p on p.id = t.profile_id
    where p.state = 'active' and not p.is_customer and p.name = '' and p.company = '' and p.orders_count = 0
), visitor as (
    select n.id
    from nameless n
    join profiles_sourcerecord r on r.profile_id = n.id
    join profiles_recordidentifier ri on ri.record_id = r.id
    join profiles_identifier i on i.id = ri.identifier_id and i.state <> 'blocked'
    join profiles_identifierkind k on k.key = i.kind_id
    group by n.id
    having bool_and(k.role = 'anonymous')
)
update profiles_profile p
set is_visitor = visitor.id is not null
from stage_touched t
left join visitor on visitor.id = t.profile_id
where p.id = t.profile_id and p.is_visitor <> (visitor.id is not null)
