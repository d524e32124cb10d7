-- Whom a request is about, as it stands now (consent.rights.subject).
--
-- The person is whoever the request's profile has become; where that has no record left, whoever
-- its records belong to now. With a link as the only proof (:proven_id), theirs are the records
-- that show the address and no later one of its kind, and only if nobody else shows it.
with recursive upwards as (
    select id, merged_into_id from profiles_profile where id = :profile_id
    union all
    select p.id, p.merged_into_id
    from upwards as u join profiles_profile as p on p.id = u.merged_into_id
),
reached as (
    select r.profile_id as id
    from profiles_sourcerecord as r join upwards as u on u.id = r.profile_id
    where u.merged_into_id is null
    group by r.profile_id
),
home as (
    select id from reached
    union
    select profile_id from profiles_sourcerecord
    where id = any(:record_ids) and not exists (select from reached)
),
family as (
    select id from home
    union
    select p.id from family as f join profiles_profile as p on p.merged_into_id = f.id
),
theirs as (
    select r.id from profiles_sourcerecord as r join home as h on h.id = r.profile_id
),
alone as (
    select :proven_id::bigint is null or not exists (
        select from profiles_recordidentifier as s
        where s.identifier_id = :proven_id and s.record_id not in (select id from theirs)
    ) as holds
),
proven as (
    select t.id
    from theirs as t
    where (select holds from alone)
        and (
            :proven_id::bigint is null
            or exists (
                select
                from profiles_recordidentifier as s
                join profiles_identifier as i on i.id = s.identifier_id
                where s.record_id = t.id and s.identifier_id = :proven_id
                    and not exists (
                        select
                        from profiles_recordidentifier as later
                        join profiles_identifier as l on l.id = later.identifier_id
                        where later.record_id = t.id and l.kind_id = i.kind_id
                            and later.identifier_id <> s.identifier_id
                            and later.last_seen >= s.last_seen
                    )
            )
        )
),
shown as (
    select
        s.identifier_id,
        exists (
            select from profiles_recordidentifier as o
            where o.identifier_id = s.identifier_id and o.record_id not in (select id from proven)
        ) as elsewhere
    from profiles_recordidentifier as s
    join profiles_identifier as i on i.id = s.identifier_id
    where s.record_id in (select id from proven)
        -- A former address on a proven record is not proven with it.
        and (
            :proven_id::bigint is null or s.identifier_id = :proven_id
            or i.kind_id <> (select kind_id from profiles_identifier where id = :proven_id)
        )
    group by s.identifier_id
)
select
    coalesce((select array_agg(id order by id) from family), '{}') as profiles,
    coalesce((select array_agg(id order by id) from proven), '{}') as records,
    coalesce((select array_agg(identifier_id order by identifier_id) from shown where not elsewhere), '{}')
        as identifiers,
    coalesce((select array_agg(identifier_id order by identifier_id) from shown where elsewhere), '{}')
        as shared,
    (select count(*) from proven) = (select count(*) from theirs) as is_whole
