delete from profiles_orderline where intake_id = :intake
