insert into profiles_orderline (
    order_id, key, product_id, status, starts_at, venue, category, price_type, quantity, price, section, row,
    seat, barcode, campaign, first_intake_id, intake_id
)
select o.id, b.barcode, d.id, b.status, b.event_time::timestamptz, b.venue, b.category, '', 1,
    b.price::numeric, b.section, b.seat_row, b.seat, '', '', :intake, :intake
from bench_raw b
join profiles_order o on o.source_id = :source and o.external_id = b.order_no
join profiles_product d on d.source_id = :source and d.external_id = b.event_id
