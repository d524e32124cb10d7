-- Values this delivery had written and a later one has replaced leave the history.
delete from profiles_lineversion where intake_id = :intake
