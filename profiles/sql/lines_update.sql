update profiles_orderline l
set product_id = d.product_id, status = s.status, starts_at = s.starts_at, venue = s.venue,
    category = s.category, price_type = s.price_type, quantity = s.quantity, price = s.price, fee = s.fee,
    section = s.section, row = s.seat_row, seat = s.seat, barcode = s.barcode, campaign = s.campaign,
    intake_id = :intake
from stage_line s, stage_product d
where s.changed and d.d = s.d and l.id = s.line_id
