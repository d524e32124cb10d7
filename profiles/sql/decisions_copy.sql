copy profiles_decision (
    id, kind, rule, actor, act_id, evidence, weight, model_id, survivor_id, retired_id, intake_id
) from stdin
