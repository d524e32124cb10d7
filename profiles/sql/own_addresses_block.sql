-- Addresses of the house's own domains that came in before: they join nobody any more, but for those
-- that a person has judged. Answers the records that show one.
with blocked as (
    update profiles_identifier
    set state = 'blocked', state_reason = 'own address'
    where kind_id = 'email' and state in ('normal', 'held') and decided_by = ''
        and split_part(value, '@', 2) = any(:domains)
    returning id
)
select distinct ri.record_id
from profiles_recordidentifier ri
where ri.identifier_id in (select id from blocked)
