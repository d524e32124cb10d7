delete from profiles_recordversion where intake_id = :intake
