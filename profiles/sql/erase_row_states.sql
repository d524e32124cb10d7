delete from profiles_rowstate where record_id = any(:records)
