-- Profiles whose orders may have changed, and those of them (recast) whose own values may have.
insert into stage_touched (profile_id, recast)
select profile_id, bool_or(recast)
from (
    select r.profile_id,
        not s.existed or s.changed or p.known_since is null or s.first_observed_at < p.known_since as recast
    from stage_person s
    join profiles_sourcerecord r on r.id = s.record_id
    join profiles_profile p on p.id = r.profile_id
    union all
    select r.profile_id, false
    from stage_order o
    join profiles_sourcerecord r on r.id = o.record_id
    where o.p is null
) touched
group by profile_id
on conflict (profile_id) do update
set recast = true
where excluded.recast and not stage_touched.recast
