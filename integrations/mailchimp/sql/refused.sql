-- Contacts that Mailchimp does not take as they are.
insert into mailchimp_audiencemember as member (
    connection_id, identifier_id, address, contact_id, status_remote, status_seen, status_pushed,
    tags_pushed, fields_hash, fields_remote, lost, drift, refused_hash
)
select :connection, row.identifier_id, row.address, '', '', '', '', '{}', '', '', 0, '', row.hash
from jsonb_to_recordset(cast(:rows as jsonb)) as row (identifier_id bigint, address text, hash text)
on conflict (connection_id, address) do update
set identifier_id = excluded.identifier_id,
    refused_hash = excluded.refused_hash
