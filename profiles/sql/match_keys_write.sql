-- A record's blocking keys become those of the batch: only differences are written.
with gone as (
    delete from profiles_blockingkey b
    using stage_features s
    where b.record_id = s.record_id and b.key <> all (s.keys)
)
insert into profiles_blockingkey (key, record_id)
select fresh.key, s.record_id
from stage_features s
cross join lateral unnest(s.keys) as fresh (key)
where not exists (
    select from profiles_blockingkey b where b.record_id = s.record_id and b.key = fresh.key
)
order by fresh.key, s.record_id
