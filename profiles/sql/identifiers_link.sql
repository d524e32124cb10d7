-- Who showed what, first and last. A repeat only moves the dates.
insert into profiles_recordidentifier (record_id, identifier_id, first_seen, last_seen, intake_id)
select p.record_id, s.identifier_id, p.first_observed_at, p.observed_at, :intake
from stage_identifier s
join stage_person p on p.p = s.p
on conflict (record_id, identifier_id) do update
set first_seen = least(profiles_recordidentifier.first_seen, excluded.first_seen),
    last_seen = greatest(profiles_recordidentifier.last_seen, excluded.last_seen)
where profiles_recordidentifier.first_seen > excluded.first_seen
    or profiles_recordidentifier.last_seen < excluded.last_seen
