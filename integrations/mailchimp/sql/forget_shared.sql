-- What plans were to say of an erased person by an address that somebody else has too: the address is the
-- other's, so the contact stays; names and the person behind it go.
update mailchimp_planitem
set profile_id = null,
    desired = desired - 'fields' - 'hash'
where (identifier_id = any(cast(:shared as bigint[])) and (desired ? 'fields' or profile_id is not null))
   or profile_id = any(cast(:profiles as bigint[]))
