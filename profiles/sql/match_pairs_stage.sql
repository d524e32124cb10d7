-- The questions of tonight. `evidence` is NULL where the open question has it already.
create temp table if not exists stage_pair (
    profile_a bigint, profile_b bigint, record_a bigint, record_b bigint, rule text, weight double precision,
    probability double precision, blocked_by text, value numeric(14, 2), fingerprint text, reason text,
    evidence jsonb, primary key (profile_a, profile_b)
) on commit delete rows
