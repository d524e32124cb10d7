-- The wish beside what is there: for every contact the one action that brings them together, and why.
-- Nothing happens to who is as wished. A no outranks everything, `unsubscribed`, `cleaned` and `forgotten`
-- are respected for ever, only `transactional` is raised, and silence lowers nobody. Whoever is restricted is
-- taken out of what is mailed and otherwise left alone: archived, which keeps their word there as it is.
create temporary table mailchimp_step on commit drop as
with pair as (
    select wish.*,
           coalesce(member.status_remote, '') as there,
           coalesce(member.status_pushed, '') = 'archived' as archived_by_us,
           coalesce(member.fields_hash, '') <> wish.hash
               and coalesce(member.fields_remote, '') <> wish.hash as is_changed,
           coalesce(member.refused_hash, '') = wish.hash as is_refused,
           coalesce(member.tags_pushed, '{}') as worn
    from mailchimp_wish wish
    left join mailchimp_audiencemember member
           on member.connection_id = :connection and member.identifier_id = wish.identifier_id
), judged as (
    select pair.*,
           case
               when is_locked
                   then case when no and there in ('subscribed', 'transactional', 'pending') then 'unsubscribe'
                             when there in ('subscribed', 'transactional') then 'archive' end
               when there in ('unsubscribed', 'cleaned', 'forgotten')
                   then case when there <> 'forgotten' and not worn <@ tags then 'untag'
                             when may or (there <> 'unsubscribed' and basket <> 'none' and not no)
                             then 'skip' end
               when no and there in ('subscribed', 'transactional', 'pending') then 'unsubscribe'
               when has_moved and there in ('subscribed', 'transactional') then 'archive'
               when has_moved then case when there = '' then 'skip' end
               when there = 'archived'
                   then case when basket = 'none' or no then null
                             when archived_by_us and not is_closed then 'add'
                             else 'skip' end
               when there = '' and (basket = 'none' or is_closed or is_refused) then 'skip'
               when there = '' then 'add'
               when may and there = 'transactional' then 'raise'
               -- Known to nobody but Mailchimp (any more): only what we hung on them comes off.
               when not is_known then case when not worn <@ tags then 'untag' end
               when is_changed and not is_refused then 'update'
               when not tags <@ worn then 'tag'
               when not worn <@ tags then 'untag'
           end as action
    from pair
)
select identifier_id, profile_id, address, action, basket, there,
       case
           when action = 'skip' and there in ('unsubscribed', 'cleaned', 'forgotten', 'archived')
               then 'AT_' || upper(there)
           when action = 'archive' and is_locked then 'RESTRICTED'
           when action = 'archive' or (action = 'skip' and has_moved and basket <> 'none') then 'MOVED'
           when action = 'skip' and is_refused and basket <> 'none' and not is_closed then 'AT_REFUSED'
           when action = 'update' then 'FIELDS'
           when action in ('tag', 'untag') then 'TAGS'
           when action = 'add' and there = 'archived' then 'BACK'
           else reason
       end as reason,
       case when may then 'subscribed' when no then 'unsubscribed' else 'transactional' end as status_if_new,
       case when action = 'unsubscribe' then 'unsubscribed'
            when action = 'raise' then 'subscribed'
            when action = 'add' and there = 'archived' then 'transactional' end as status,
       fields, hash, tags, worn,
       case when action in ('add', 'raise', 'update', 'tag')
            then array(select unnest(tags) except select unnest(worn)) else '{}' end as tag,
       case when tags <> worn and action not in ('add', 'archive', 'skip')
            then array(select unnest(worn) except select unnest(tags)) else '{}' end as untag
from judged
where action is not null
