-- Other states for values that no person has judged, because the rules changed.
update profiles_identifier
set state = :state, state_reason = :reason
where id = any(:ids) and decided_by = ''
