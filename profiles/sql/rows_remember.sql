-- Tomorrow the same rows are set aside at once.
insert into profiles_rowstate (source_id, key, digest, intake_id)
select distinct on (key) :source, key, digest, :intake
from stage_row
where outcome is not null
order by key, number desc
on conflict (source_id, key) do update
set digest = excluded.digest, intake_id = excluded.intake_id
