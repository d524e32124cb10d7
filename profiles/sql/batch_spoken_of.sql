-- Records of which people have said something, or the matcher.
copy (
    select record_a_id
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
) to stdout (format binary)
