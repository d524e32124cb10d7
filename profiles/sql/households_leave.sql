-- Whoever is of no household any more.
delete from profiles_householdmember m
where not exists (select from stage_household s where s.profile_id = m.profile_id)
