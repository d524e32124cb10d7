-- Addresses that Mailchimp cleaned and of which the ledger has not heard yet.
select member.identifier_id
from mailchimp_audiencemember member
left join consent_contactstatus known on known.identifier_id = member.identifier_id
where member.connection_id = :connection
  and member.status_seen = 'cleaned'
  and member.identifier_id is not null
  and known.identifier_id is null
