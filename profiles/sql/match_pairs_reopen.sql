-- Questions that were no longer likely and are again: the newest of each pair is asked once more.
update profiles_matchpair m
set state = 'open', claimed_by = '', claimed_until = null, skipped_by = '{}'
from stage_pair s
where m.id = (
        select max(old.id) from profiles_matchpair old
        where old.profile_a_id = s.profile_a and old.profile_b_id = s.profile_b and old.state = 'gone'
    )
    and not exists (
        select from profiles_matchpair asked
        where asked.profile_a_id = s.profile_a and asked.profile_b_id = s.profile_b and asked.state = 'open'
    )
