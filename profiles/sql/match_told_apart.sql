-- Pairs of these people that somebody has told apart, and what they looked like then.
select distinct least(a.profile_id, b.profile_id) as one, greatest(a.profile_id, b.profile_id) as two,
    c.fingerprint, c.reason
from profiles_linkconstraint c
join profiles_linkconstraintrecord left_side on left_side.constraint_id = c.id and left_side.side = 0
join profiles_linkconstraintrecord right_side on right_side.constraint_id = c.id and right_side.side = 1
join profiles_sourcerecord a on a.id = left_side.record_id
join profiles_sourcerecord b on b.id = right_side.record_id
where c.kind = 'cannot' and c.lifted_by_id is null
    and a.profile_id = any(:profiles) and b.profile_id = any(:profiles) and a.profile_id <> b.profile_id
