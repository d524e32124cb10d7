-- Profiles whose orders may have changed, and those of them (recast) whose own values may have.
insert into stage_touched (profile_id, recast)
select r.profile_id,
    bool_or(not s.existed or s.changed or p.known_since is null or s.first_observed_at < p.known_since)
from stage_person s
join profiles_sourcerecord r on r.id = s.record_id
join profiles_profile p on p.id = r.profile_id
group by r.profile_id
union all
select r.profile_id, false
from stage_order o
join profiles_sourcerecord r on r.id = o.record_id
where o.p is null
on conflict do nothing
