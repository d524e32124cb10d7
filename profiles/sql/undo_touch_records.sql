insert into stage_touched (profile_id)
select profile_id from profiles_sourcerecord where intake_id = :intake or first_intake_id = :intake
union
select r.profile_id
from profiles_recordidentifier ri
join profiles_sourcerecord r on r.id = ri.record_id
where ri.intake_id = :intake
union
select m.to_profile_id
from profiles_decision d
join profiles_decisionmove m on m.decision_id = d.id
where d.intake_id = :intake
on conflict do nothing
