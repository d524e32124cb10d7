-- What one page of an audience shows. Remembers it, notes where it differs from what we had said, and
-- answers per address what the member says about permission: an echo of our own word says nothing, and
-- a yes older than a change of address is not the new address's (CONSENT.md 2.6, 2.8, 2.11).
with page as (
    select *
    from jsonb_to_recordset(cast(:rows as jsonb)) as row (
        address text, contact_id text, status text, hash text, tags jsonb,
        opted_in_at timestamptz, changed_at timestamptz
    )
), ours as (
    select page.address,
           coalesce(array_agg(cast(show.remote_name as text) order by show.remote_name collate "C")
                    filter (where show.id is not null), '{}') as tags
    from page
    cross join lateral jsonb_array_elements_text(page.tags) as tag (name)
    join mailchimp_showtag show on show.connection_id = :connection and show.remote_name = tag.name
    group by page.address
), before as (
    select page.address,
           coalesce(member.status_pushed, '') as status_pushed,
           coalesce(member.moved_from_id, former.id) as moved_from_id,
           coalesce(member.moved_at, case when former.id is not null then statement_timestamp() end) as moved_at
    from page
    left join mailchimp_audiencemember member
           on member.connection_id = :connection and member.address = page.address
    left join lateral (
        select id from mailchimp_audiencemember
        where connection_id = :connection and contact_id = page.contact_id
          and contact_id <> '' and address <> page.address
        limit 1
    ) former on true
), left_behind as (
    update mailchimp_audiencemember former
    set status_remote = 'archived', status_seen = 'archived', status_pushed = '', contact_id = '',
        unconfirmed_since = null
    from page
    where former.connection_id = :connection and former.contact_id = page.contact_id
      and former.contact_id <> '' and former.address <> page.address
      and not exists (select from page other where other.address = former.address)
), saved as (
    insert into mailchimp_audiencemember as member (
        connection_id, address, contact_id, status_remote, status_seen, status_pushed, tags_pushed,
        fields_hash, fields_remote, remote_changed_at, moved_at, moved_from_id, seen_at, lost, drift,
        refused_hash
    )
    select :connection, page.address, page.contact_id, page.status, page.status, '',
           coalesce(ours.tags, '{}'), '', page.hash, page.changed_at, before.moved_at, before.moved_from_id,
           statement_timestamp(), 0, '', ''
    from page
    join before using (address)
    left join ours using (address)
    on conflict (connection_id, address) do update
    set contact_id = excluded.contact_id,
        status_remote = excluded.status_remote,
        status_seen = excluded.status_seen,
        status_pushed = case when member.status_pushed = excluded.status_seen
                             then member.status_pushed else '' end,
        drift = case
            when member.status_pushed not in ('', excluded.status_seen) then 'status'
            when not member.tags_pushed <@ excluded.tags_pushed then 'tags'
            when member.fields_hash <> '' and member.unconfirmed_since is null
                 and member.fields_remote not in ('', excluded.fields_remote) then 'fields'
            else '' end,
        tags_pushed = excluded.tags_pushed,
        fields_remote = excluded.fields_remote,
        remote_changed_at = excluded.remote_changed_at,
        moved_at = excluded.moved_at,
        moved_from_id = excluded.moved_from_id,
        seen_at = excluded.seen_at,
        unconfirmed_since = null,
        lost = 0
)
select page.address,
       case
           when page.status not in ('subscribed', 'unsubscribed') then 'blank'
           when before.status_pushed = page.status then 'blank'
           when page.status = 'unsubscribed' then 'no'
           when before.moved_at is not null
                and coalesce(page.opted_in_at, before.moved_at) <= before.moved_at then 'blank'
           else 'yes'
       end as answer
from page
join before using (address)
