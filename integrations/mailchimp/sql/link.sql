-- Members become somebody once their address has been taken in.
update mailchimp_audiencemember member
set identifier_id = identifier.id
from profiles_identifier identifier
where member.connection_id = :connection
  and member.identifier_id is null
  and identifier.kind_id = 'email'
  and identifier.namespace = ''
  and identifier.value = member.address
