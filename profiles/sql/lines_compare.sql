-- Known lines, and whether they say something new. Where an old row was corrected, a later delivery
-- stands.
update stage_line s
set line_id = l.id,
    existed = true,
    changed = not (:correcting::bool and l.intake_id > :intake) and (
        d.product_id, s.status, s.starts_at, s.venue, s.category, s.price_type, s.quantity, s.price, s.fee,
        s.section, s.seat_row, s.seat, s.barcode, s.campaign
    ) is distinct from (
        l.product_id, l.status, l.starts_at, l.venue, l.category, l.price_type, l.quantity, l.price, l.fee,
        l.section, l.row, l.seat, l.barcode, l.campaign
    )
from profiles_orderline l, stage_product d, stage_order o
where o.existed and o.o = s.o and l.order_id = s.order_id and l.key = s.key and d.d = s.d
