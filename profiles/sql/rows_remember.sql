-- Tomorrow the same rows are set aside at once.
insert into profiles_rowstate (source_id, key, digest, record_id, intake_id)
select distinct on (s.key) :source, s.key, s.digest, coalesce(p.record_id, o.record_id), :intake
from stage_row s
left join stage_person p on p.p = s.p
left join stage_order o on o.o = s.o and s.p is null
where s.outcome is not null
order by s.key, s.number desc
on conflict (source_id, key) do update
set digest = excluded.digest, record_id = excluded.record_id, intake_id = excluded.intake_id
