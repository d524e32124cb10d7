-- Records that hang together by a link, or by a person's word that they are one.
-- Each column is one string of 8-byte numbers.
select string_agg(int8send(a), '') as a, string_agg(int8send(b), '') as b
from (
    select record_a_id as a, record_b_id as b
    from profiles_matchlink
    where lifted_by_id is null
    union all
    select min(cr.record_id) over (partition by cr.constraint_id), cr.record_id
    from profiles_linkconstraint c
    join profiles_linkconstraintrecord cr on cr.constraint_id = c.id
    where c.kind = 'must' and c.lifted_by_id is null
    order by a, b
) tied
