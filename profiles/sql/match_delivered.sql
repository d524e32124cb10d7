-- Records that a delivery wrote, or to which it brought an identifier.
select id from profiles_sourcerecord where intake_id = :intake
union
select record_id from profiles_recordidentifier where intake_id = :intake
order by id
