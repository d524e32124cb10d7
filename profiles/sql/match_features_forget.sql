-- Records that show nothing to compare any more.
with keyed as (
    delete from profiles_blockingkey where record_id = any(:records)
)
delete from profiles_matchfeatures where record_id = any(:records)
