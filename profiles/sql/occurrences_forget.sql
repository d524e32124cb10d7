delete from profiles_rowoccurrence where intake_id = :intake
