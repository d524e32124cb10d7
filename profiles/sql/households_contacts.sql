-- Contact points that several people show: those a person called shared, and those that the rules kept from
-- joining them. What is held is on too many people to be a home's.
select i.kind_id as kind, array_agg(distinct r.profile_id) as people
from profiles_identifier i
join profiles_identifierkind k on k.key = i.kind_id and k.role = 'contact_point'
join profiles_recordidentifier ri on ri.identifier_id = i.id
join profiles_sourcerecord r on r.id = ri.record_id
join profiles_profile p on p.id = r.profile_id and p.state = 'active' and not p.is_visitor
where i.state in ('normal', 'shared')
group by i.id
having count(distinct r.profile_id) between 2 and :most
