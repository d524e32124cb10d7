-- Whoever shares a blocking key or a joining identifier with somebody who asks. A key on more records than
-- `most` tells nobody apart and is passed over (`offset 0`: a block is read once, not to be counted and again).
-- `priority` is of the strongest identifier shared, NULL where there is none; `unproving` names the asker's
-- own identifiers that prove nothing; `model` is the newest.
with shown as (
    select i.id, i.kind_id, i.state, k.priority, k.joins and k.role <> 'anonymous' as joins
    from unnest(:kinds::text[], :namespaces::text[], :values::text[]) as s (kind, namespace, value)
    join profiles_identifier i on i.kind_id = s.kind and i.namespace = s.namespace and i.value = s.value
    join profiles_identifierkind k on k.key = i.kind_id
), found as (
    select unnest(block.records) as record_id, null::smallint as priority
    from unnest(:keys::bigint[]) as wanted (key)
    cross join lateral (
        select array(
            select b.record_id from profiles_blockingkey b where b.key = wanted.key limit :most + 1
        ) as records
        offset 0
    ) block
    where cardinality(block.records) <= :most
    union all
    select unnest(block.records), shown.priority
    from shown
    cross join lateral (
        select array(
            select ri.record_id from profiles_recordidentifier ri where ri.identifier_id = shown.id
            limit :most + 1
        ) as records
        offset 0
    ) block
    where shown.state = 'normal' and shown.joins and cardinality(block.records) <= :most
), candidate as (
    select record_id, min(priority) as priority from found group by record_id
)
select r.id, p.public_id, r.profile_id, r.given_key, r.birth_date, f.values, c.priority,
    array(select kind_id from shown where state <> 'normal') as unproving,
    (select max(id) from profiles_matchmodel) as model
from candidate c
join profiles_sourcerecord r on r.id = c.record_id
join profiles_profile p on p.id = r.profile_id
left join profiles_matchfeatures f on f.record_id = c.record_id
