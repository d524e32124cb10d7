-- Questions that nobody has been asked yet.
insert into profiles_matchpair (
    profile_a_id, profile_b_id, record_a_id, record_b_id, rule, weight, probability, blocked_by, value,
    fingerprint, reason, evidence, model_id, state, decided_by, claimed_by, skipped_by
)
select s.profile_a, s.profile_b, s.record_a, s.record_b, s.rule, s.weight, s.probability, s.blocked_by, s.value,
    s.fingerprint, s.reason, coalesce(s.evidence, '[]'), :model, 'open', '', '', '{}'
from stage_pair s
where not exists (
    select from profiles_matchpair m
    where m.profile_a_id = s.profile_a and m.profile_b_id = s.profile_b and m.state = 'open'
)
