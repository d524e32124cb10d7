-- Whoever comes every day is still only remembered for so long.
update profiles_networksighting
set first_seen = now() - make_interval(days => :days)
where first_seen < now() - make_interval(days => :days)
