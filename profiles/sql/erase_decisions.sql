delete from profiles_decision where survivor_id = any(:profiles) or retired_id = any(:profiles)
