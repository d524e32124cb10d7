-- Records of which people have said something, or the matcher, as one string of 8-byte numbers.
select string_agg(int8send(record), '') as record
from (
    select record_a_id as record
    from profiles_matchlink
    where lifted_by_id is null
    union
    select record_b_id
    from profiles_matchlink
    where lifted_by_id is null
    union
    select cr.record_id
    from profiles_linkconstraint c
    join profiles_linkconstraintrecord cr on cr.constraint_id = c.id
    where c.lifted_by_id is null
) spoken_of
