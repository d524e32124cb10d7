insert into profiles_orderline (
    order_id, key, product_id, status, starts_at, venue, category, price_type, quantity, price, fee, section,
    row, seat, barcode, campaign, first_intake_id, intake_id
)
select s.order_id, s.key, d.product_id, s.status, s.starts_at, s.venue, s.category, s.price_type, s.quantity,
    s.price, s.fee, s.section, s.seat_row, s.seat, s.barcode, s.campaign, :intake, :intake
from stage_line s
join stage_product d on d.d = s.d
where not s.existed
