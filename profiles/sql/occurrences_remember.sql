-- The same delivery's next chunk counts on from here.
insert into profiles_rowoccurrence (intake_id, key, seen)
select :intake, key, seen
from unnest(:keys::uuid[], :seen::int[]) as now (key, seen)
on conflict (intake_id, key) do update set seen = excluded.seen
