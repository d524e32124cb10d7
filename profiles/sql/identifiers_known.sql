-- Which of them their records had shown before.
update stage_identifier s
set fresh = false
from stage_person p
join profiles_recordidentifier ri on ri.record_id = p.record_id
where p.existed and p.p = s.p and ri.identifier_id = s.identifier_id
