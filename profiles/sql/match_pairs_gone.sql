-- Open questions that tonight does not ask. One that a link's fall brought up waits for a person; so does one
-- that somebody is looking at.
update profiles_matchpair m
set state = 'gone', claimed_by = '', claimed_until = null
where m.state = 'open' and m.rule = 'probable'
    and (m.claimed_until is null or m.claimed_until < now())
    and not exists (
        select from stage_pair s where s.profile_a = m.profile_a_id and s.profile_b = m.profile_b_id
    )
