-- New people get the id of the record they will be.
update stage_person
set record_id = nextval((select pg_get_serial_sequence('profiles_sourcerecord', 'id')::regclass))
where record_id is null
