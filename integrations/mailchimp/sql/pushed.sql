-- What a batch did, as the other side answered. `pushed` is the status it took from us, else empty.
insert into mailchimp_audiencemember as member (
    connection_id, identifier_id, address, contact_id, status_remote, status_seen, status_pushed,
    tags_pushed, fields_hash, fields_remote, last_pushed_at, unconfirmed_since, lost, drift, refused_hash
)
select :connection, row.identifier_id, row.address, row.contact_id, row.status, '', row.pushed,
       array(select jsonb_array_elements_text(row.tags)), row.hash, '',
       statement_timestamp(), case when row.confirm then statement_timestamp() end, 0, '', ''
from jsonb_to_recordset(cast(:rows as jsonb)) as row (
    identifier_id bigint, address text, contact_id text, status text, pushed text, tags jsonb, hash text,
    confirm boolean
)
on conflict (connection_id, address) do update
set identifier_id = excluded.identifier_id,
    contact_id = case when excluded.contact_id <> '' then excluded.contact_id else member.contact_id end,
    status_remote = excluded.status_remote,
    status_pushed = case when excluded.status_pushed <> '' then excluded.status_pushed
                         when member.status_pushed = excluded.status_remote then member.status_pushed
                         else '' end,
    tags_pushed = excluded.tags_pushed,
    fields_hash = case when excluded.fields_hash <> '' then excluded.fields_hash else member.fields_hash end,
    last_pushed_at = excluded.last_pushed_at,
    unconfirmed_since = coalesce(member.unconfirmed_since, excluded.unconfirmed_since),
    drift = '',
    refused_hash = ''
