delete from profiles_sourcerecord where id = any(:records)
