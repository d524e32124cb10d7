-- The values before this delivery return.
update profiles_orderline l
set product_id = old.product_id, status = old.status, starts_at = old.starts_at, venue = old.venue,
    category = old.category, price_type = old.price_type, quantity = old.quantity, price = old.price,
    fee = old.fee, section = old.section, row = old.row, seat = old.seat, barcode = old.barcode,
    campaign = old.campaign, intake_id = v.intake_id
from (
    select distinct on (line_id) line_id, intake_id, values
    from profiles_lineversion
    order by line_id, superseded_at desc, id desc
) v,
    lateral jsonb_populate_record(null::profiles_orderline, v.values) old
where l.intake_id = :intake and v.line_id = l.id
