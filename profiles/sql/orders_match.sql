-- Known orders; what a row leaves blank stays as it was. An order of which nobody ever told a line has
-- the status its row says, like one told whole. Where an old row was corrected, a later delivery stands.
update stage_order s
set order_id = n.id,
    existed = true,
    record_id = n.record_id,
    currency = n.currency,
    channel = n.channel,
    payment_type = n.payment_type,
    ordered_at = n.ordered_at,
    status = n.status,
    total = n.total,
    changed = not n.stands and (
        n.record_id, n.currency, n.channel, n.payment_type, n.ordered_at, n.status, coalesce(n.total, o.total)
    ) is distinct from (
        o.record_id, o.currency, o.channel, o.payment_type, o.ordered_at, o.status, o.total
    )
from (
    select t.o, o.id, later.stands,
        coalesce(p.record_id, o.record_id) as record_id,
        coalesce(nullif(t.currency, ''), o.currency) as currency,
        coalesce(nullif(t.channel, ''), o.channel) as channel,
        coalesce(nullif(t.payment_type, ''), o.payment_type) as payment_type,
        coalesce(t.ordered_at, o.ordered_at) as ordered_at,
        case
            when t.complete then t.status
            when t.alone and not exists (select from profiles_orderline l where l.order_id = o.id) then t.status
            else o.status
        end as status,
        case when later.stands and t.total is not null then o.total else t.total end as total
    from stage_order t
    join profiles_order o on o.source_id = :source and o.external_id = t.external_id
    left join stage_person p on p.p = t.p
    cross join lateral (select :correcting::bool and o.intake_id > :intake as stands) later
) n
join profiles_order o on o.id = n.id
where n.o = s.o
