delete from profiles_event where intake_id = :intake
