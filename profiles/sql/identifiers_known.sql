-- Values their records had shown before, but where a limit has a window and they are now seen outside the
-- time known so far: such a one may break the limit as a new one may.
update stage_identifier s
set fresh = false
from stage_person p
join profiles_recordidentifier ri on ri.record_id = p.record_id, profiles_identifierkind k
where p.existed and p.p = s.p and ri.identifier_id = s.identifier_id and k.key = s.kind
    and (k.window_days is null or (p.first_observed_at >= ri.first_seen and p.observed_at <= ri.last_seen))
