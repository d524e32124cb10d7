delete from profiles_identifier where id = any(:identifiers)
