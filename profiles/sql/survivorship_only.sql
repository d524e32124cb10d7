-- Leaves in stage_winner only those whose values are to be written.
delete from stage_winner where profile_id <> all(:profiles)
