update stage_row
set outcome = case when number = any(:failed) then 'failed' else 'held' end
where number = any(:held) or number = any(:failed)
