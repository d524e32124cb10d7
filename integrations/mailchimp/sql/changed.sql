-- Contacts for whom a plan no longer says what the facts say now; of these contacts only, unless null.
select count(*)
from (
    select identifier_id, action, desired ->> 'status_if_new' as status_if_new, coalesce(desired ->> 'status', '') as status
    from mailchimp_planitem
    where plan_id = :plan and action <> 'skip' and state in ('pending', 'retry')
        and (cast(:ids as bigint[]) is null or identifier_id = any(cast(:ids as bigint[])))
) item
full join (select * from mailchimp_step where action <> 'skip') step using (identifier_id)
where item.action is distinct from step.action
   or item.status_if_new is distinct from step.status_if_new
   or item.status is distinct from coalesce(step.status, '')
