insert into stage_touched (profile_id)
select unnest(:profiles::bigint[])
on conflict do nothing
