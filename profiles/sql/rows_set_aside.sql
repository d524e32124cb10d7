-- Rows that say exactly what they said when they were last taken in.
select s.number
from stage_row s
join profiles_rowstate known on known.source_id = :source and known.key = s.key
where known.digest = s.digest
