-- Everybody one step away: whoever shows a joining identifier that these records show, and whoever is
-- the same person as one of those.
with reached as (
    select ri.record_id
    from profiles_recordidentifier ri
    where ri.identifier_id in (
        select mine.identifier_id
        from profiles_recordidentifier mine
        join profiles_identifier i on i.id = mine.identifier_id and i.state = 'normal'
        join profiles_identifierkind k on k.key = i.kind_id and k.role <> 'anonymous'
        where mine.record_id = any(:records)
    )
    union
    select unnest(:records::bigint[])
)
select r.id
from profiles_sourcerecord r
where r.profile_id in (select profile_id from profiles_sourcerecord where id in (select record_id from reached))
