delete from profiles_networksighting where last_seen < now() - make_interval(days => :days)
