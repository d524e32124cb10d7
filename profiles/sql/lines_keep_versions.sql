-- What a line said before this delivery (see records_keep_versions).
insert into profiles_lineversion (line_id, intake_id, values, superseded_at)
select l.id, l.intake_id, to_jsonb(l) - array['id', 'order_id', 'key', 'first_intake_id', 'intake_id'], now()
from stage_line s
join profiles_orderline l on l.id = s.line_id
where s.changed and l.intake_id <> :intake
on conflict (line_id, intake_id) do update
set values = excluded.values, superseded_at = excluded.superseded_at
