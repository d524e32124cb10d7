-- Open questions that look different tonight.
update profiles_matchpair m
set record_a_id = s.record_a, record_b_id = s.record_b, rule = s.rule, weight = s.weight,
    probability = s.probability, blocked_by = s.blocked_by, value = s.value, fingerprint = s.fingerprint,
    reason = s.reason, evidence = coalesce(s.evidence, m.evidence), model_id = :model
from stage_pair s
where m.profile_a_id = s.profile_a and m.profile_b_id = s.profile_b and m.state = 'open'
    and (
        s.evidence is not null
        or (m.record_a_id, m.record_b_id, m.rule, m.weight, m.probability, m.blocked_by, m.value, m.fingerprint,
            m.reason)
            is distinct from
            (s.record_a, s.record_b, s.rule, s.weight, s.probability, s.blocked_by, s.value, s.fingerprint,
            s.reason)
    )
