-- Everybody one step away: whoever shows a joining identifier that these records show, whoever a link or
-- a person's word ties to them, and whoever is the same person as one of those.
with reached as (
    select ri.record_id
    from profiles_recordidentifier ri
    where ri.identifier_id in (
        select mine.identifier_id
        from profiles_recordidentifier mine
        join profiles_identifier i on i.id = mine.identifier_id
        join profiles_identifierkind k on k.key = i.kind_id and k.joins
        where mine.record_id = any(:records)
            and (i.state = 'normal' or (i.state = 'shared' and k.shared_joins))
    )
    union
    select record_b_id from profiles_matchlink where record_a_id = any(:records) and lifted_by_id is null
    union
    select record_a_id from profiles_matchlink where record_b_id = any(:records) and lifted_by_id is null
    union
    select with_them.record_id
    from profiles_linkconstraintrecord mine
    join profiles_linkconstraint c on c.id = mine.constraint_id and c.kind = 'must' and c.lifted_by_id is null
    join profiles_linkconstraintrecord with_them on with_them.constraint_id = c.id
    where mine.record_id = any(:records)
    union
    select unnest(:records::bigint[])
)
select r.id
from profiles_sourcerecord r
where r.profile_id in (select profile_id from profiles_sourcerecord where id in (select record_id from reached))
