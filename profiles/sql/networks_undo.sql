-- Records that lose events to an undo lose what networks said of them: which event said it is not kept.
delete from profiles_networksighting
where record_id in (select record_id from profiles_event where intake_id = :intake)
