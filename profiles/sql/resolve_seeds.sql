-- Records whose person must be found anew: they are new, show something new or are called something
-- else, and share a joining identifier with somebody. What is new need not be what is shared: it may
-- break a limit.
select distinct p.record_id
from stage_person p
join profiles_recordidentifier mine on mine.record_id = p.record_id
join profiles_identifier i on i.id = mine.identifier_id and i.state = 'normal'
join profiles_identifierkind k on k.key = i.kind_id and k.role <> 'anonymous'
where (
        not p.existed
        or p.rekeyed
        or p.p in (select s.p from stage_identifier s where s.fresh)
    )
    and exists (
        select from profiles_recordidentifier other
        where other.identifier_id = mine.identifier_id and other.record_id <> mine.record_id
    )
