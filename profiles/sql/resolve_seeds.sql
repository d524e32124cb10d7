-- Records whose person must be found anew: they are new, show something new or are called something
-- else, and share a joining identifier with somebody or are tied to somebody in another way. What is new
-- need not be what is shared: it may break a limit.
select distinct p.record_id
from stage_person p
where (
        not p.existed
        or p.rekeyed
        or p.p in (select s.p from stage_identifier s where s.fresh)
    )
    and (
        exists (
            select from profiles_recordidentifier mine
            join profiles_identifier i on i.id = mine.identifier_id
            join profiles_identifierkind k on k.key = i.kind_id and k.joins
            join profiles_recordidentifier other
                on other.identifier_id = mine.identifier_id and other.record_id <> mine.record_id
            where mine.record_id = p.record_id
                and (i.state = 'normal' or (i.state = 'shared' and k.shared_joins))
        )
        or p.existed and (
            exists (
                select from profiles_matchlink l
                where (l.record_a_id = p.record_id or l.record_b_id = p.record_id) and l.lifted_by_id is null
            )
            or exists (select from profiles_linkconstraintrecord c where c.record_id = p.record_id)
        )
    )
