-- What every contact asked about should be at Mailchimp, from the answers, the people and their shows.
create temporary table mailchimp_wish on commit drop as
with shown as (
    select seen.identifier_id, record.profile_id, record.is_customer, seen.last_seen,
           record.source_id = :source as is_own,
           record.email = answer.value as is_current
    from mailchimp_asked answer
    join profiles_recordidentifier seen on seen.identifier_id = answer.identifier_id
    join profiles_sourcerecord record on record.id = seen.record_id
), person as (
    select distinct on (identifier_id) identifier_id, profile_id
    from shown
    order by identifier_id, is_own, is_customer desc, last_seen desc, profile_id
), standing as (
    select identifier_id,
           bool_or(not is_own) as is_known,
           bool_or(is_current) filter (where not is_own) as is_current,
           count(distinct profile_id) > 1 as is_shared
    from shown
    group by identifier_id
), locked as (
    -- Whoever is restricted (GDPR Art. 18) is stored and no more, whichever record carries the mark.
    select distinct shown.identifier_id
    from profiles_recordmark mark
    join profiles_sourcerecord marked on marked.id = mark.record_id
    join shown on shown.profile_id = marked.profile_id
    where mark.kind = 'restricted'
), dressed as (
    select worn.profile_id, array_agg(distinct cast(show.remote_name as text) collate "C") as tags
    from profiles_profiletag worn
    join mailchimp_showtag show on show.connection_id = :connection and show.tag_id = worn.tag_id
    where show.removed_at is null
      and worn.profile_id in (select profile_id from person)
    group by worn.profile_id
), drawn as (
    select answer.identifier_id,
           answer.value as address,
           person.profile_id,
           profile.orders_count > 0 as is_customer,
           standing.is_known,
           standing.is_known and not standing.is_current
               and profile.email not in ('', answer.value) as has_moved,
           answer.basket,
           answer.newsletter_reason as reason,
           (answer.newsletter = 'ALLOW' and answer.newsletter_reason = 'CONSENT')
               or (:own_similar and answer.own_similar = 'ALLOW') as may,
           answer.newsletter_reason in ('WITHDRAWN', 'OBJECTED', 'SUPPRESSED_AFTER_ERASURE')
               or (answer.newsletter_reason in ('ADDRESS_INVALID', 'RESTRICTED') and exists (
                   -- The answer names the first reason only; a no may stand behind it.
                   select from consent_consentstate said
                   where said.identifier_id = answer.identifier_id
                     and said.purpose in ('marketing.newsletter', '*') and said.channel in ('email', '*')
                     and said.state in ('refused', 'withdrawn')
               )) as no,
           answer.newsletter_reason in ('ADDRESS_INVALID', 'RESTRICTED') or answer.invalid as is_closed,
           locked.identifier_id is not null as is_locked,
           coalesce(dressed.tags, '{}') as tags,
           case when standing.is_shared then '' else profile.given_name end as given_name,
           case when standing.is_shared then '' else profile.family_name end as family_name,
           case answer.basket when 'marketing' then 'marketing' when 'own_similar' then 'own similar'
                when 'service' then 'service' else '' end as basket_field,
           coalesce(to_char(profile.last_order_at at time zone 'UTC', 'YYYY-MM-DD'), '') as last_order,
           cast(profile.orders_count as text) as orders
    from mailchimp_asked answer
    join person using (identifier_id)
    join standing using (identifier_id)
    join profiles_profile profile on profile.id = person.profile_id
    left join locked using (identifier_id)
    left join dressed on dressed.profile_id = person.profile_id
)
select drawn.identifier_id, address, profile_id, is_customer, is_known, has_moved, basket, reason,
       may and not no and not is_closed and not is_locked as may, no, is_closed, is_locked, tags,
       jsonb_strip_nulls(jsonb_build_object(
           'FNAME', nullif(given_name, ''), 'LNAME', nullif(family_name, ''), 'BASKET', basket_field,
           'LASTBUY', nullif(last_order, ''), 'ORDERS', orders
       )) as fields,
       md5(concat_ws(chr(31), given_name, family_name, basket_field, last_order, orders)) as hash
from drawn
