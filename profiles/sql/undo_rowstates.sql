-- The same rows may come again and will be judged anew.
delete from profiles_rowstate where intake_id = :intake
