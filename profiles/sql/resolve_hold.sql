-- A value on too many people stays a contact point, but never joins again by itself.
update profiles_identifier
set state = 'held', state_reason = 'on more people than its kind allows'
where id = any(:identifiers) and state = 'normal' and decided_by = ''
