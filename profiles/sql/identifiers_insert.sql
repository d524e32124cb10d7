-- Values never seen before. Ordered, so that two deliveries never wait for each other in a circle.
insert into profiles_identifier (kind_id, namespace, value, state, invalid, state_reason)
select distinct kind, namespace, value, case when blocked then 'blocked' else 'normal' end, false,
    case when blocked then 'placeholder' else '' end
from stage_identifier s
where not exists (
    select from profiles_identifier i
    where i.kind_id = s.kind and i.namespace = s.namespace and i.value = s.value
)
order by kind, namespace, value
on conflict (kind_id, namespace, value) do nothing
