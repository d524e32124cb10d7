-- Who buys an order that was once known by its number alone shows that number too: it was they.
insert into stage_identifier (p, kind, namespace, value, blocked)
select distinct o.p, i.kind_id, i.namespace, i.value, false
from stage_order o
join profiles_source s on s.id = :source
join profiles_identifier i on i.kind_id = 'order_number' and i.namespace = s.slug and i.value = o.external_id
where o.p is not null
    and not exists (
        select from stage_identifier known
        where known.p = o.p and known.kind = i.kind_id and known.value = i.value
    )
