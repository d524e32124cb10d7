delete from profiles_orderversion where intake_id = :intake
