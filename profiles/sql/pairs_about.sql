-- Open questions about these people, or about records that are theirs now. Four look-ups by index: one
-- condition with "or" over all of them would read the whole queue.
select id from profiles_matchpair where state = 'open' and profile_a_id = any(:profiles)
union
select id from profiles_matchpair where state = 'open' and profile_b_id = any(:profiles)
union
select p.id
from profiles_sourcerecord r
join profiles_matchpair p on p.record_a_id = r.id and p.state = 'open'
where r.profile_id = any(:profiles)
union
select p.id
from profiles_sourcerecord r
join profiles_matchpair p on p.record_b_id = r.id and p.state = 'open'
where r.profile_id = any(:profiles)
