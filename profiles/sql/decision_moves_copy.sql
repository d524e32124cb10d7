copy profiles_decisionmove (decision_id, record_id, from_profile_id, to_profile_id) from stdin
