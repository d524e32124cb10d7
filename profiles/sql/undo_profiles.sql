-- Profiles that nobody ever pointed at go without a trace; the others keep their id as a pointer.
delete from profiles_profile p
using stage_touched t
where p.id = t.profile_id and p.state = 'empty'
    and not exists (select from profiles_sourcerecord r where r.profile_id = p.id or r.first_profile_id = p.id)
    and not exists (select from profiles_profile m where m.merged_into_id = p.id)
    and not exists (select from profiles_decision d where d.survivor_id = p.id or d.retired_id = p.id)
    and not exists (
        select from profiles_decisionmove m where m.from_profile_id = p.id or m.to_profile_id = p.id
    )
    and not exists (select from profiles_profiletag pt where pt.profile_id = p.id)
