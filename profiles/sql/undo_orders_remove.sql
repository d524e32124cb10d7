delete from profiles_order where intake_id = :intake
