delete from profiles_decisionmove
where record_id = any(:records) or from_profile_id = any(:profiles) or to_profile_id = any(:profiles)
    or decision_id in (
        select id from profiles_decision where survivor_id = any(:profiles) or retired_id = any(:profiles)
    )
