-- For this transaction: the sorts and hashes of half a million contacts stay out of the temporary files.
select set_config('work_mem', '64MB', true)
