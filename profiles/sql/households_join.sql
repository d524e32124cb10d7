-- Whoever is of a household now, of another one, or for other reasons.
insert into profiles_householdmember (profile_id, household_id, basis)
select s.profile_id, s.household_id, s.basis
from stage_household s
join profiles_profile p on p.id = s.profile_id
left join profiles_householdmember m on m.profile_id = s.profile_id
where m.household_id is distinct from s.household_id or m.basis is distinct from s.basis
on conflict (profile_id) do update
set household_id = excluded.household_id, basis = excluded.basis
