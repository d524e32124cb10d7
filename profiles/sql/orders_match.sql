-- Known orders; what a row leaves blank stays as it was.
update stage_order s
set order_id = o.id,
    existed = true,
    record_id = coalesce(r.record_id, o.record_id),
    currency = coalesce(nullif(s.currency, ''), o.currency),
    channel = coalesce(nullif(s.channel, ''), o.channel),
    payment_type = coalesce(nullif(s.payment_type, ''), o.payment_type),
    ordered_at = coalesce(s.ordered_at, o.ordered_at),
    changed = (
        coalesce(r.record_id, o.record_id), coalesce(nullif(s.currency, ''), o.currency),
        coalesce(nullif(s.channel, ''), o.channel), coalesce(nullif(s.payment_type, ''), o.payment_type),
        coalesce(s.ordered_at, o.ordered_at), case when s.complete then s.status else o.status end, coalesce(s.total, o.total)
    ) is distinct from (
        o.record_id, o.currency, o.channel, o.payment_type, o.ordered_at, o.status, o.total
    )
from (
    select t.o, p.record_id
    from stage_order t
    left join stage_person p on p.p = t.p
) r, profiles_order o
where r.o = s.o and o.source_id = :source and o.external_id = s.external_id
