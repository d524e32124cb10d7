-- The person's profile and whatever was merged into it. Somebody else's id never points there.
delete from profiles_profile
where id = any(:profiles) and not exists (select from profiles_sourcerecord r where r.profile_id = profiles_profile.id)
