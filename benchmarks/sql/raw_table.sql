create unlogged table bench_raw (
    order_no text, purchased text, status text, event_id text, event text, event_time text, venue text,
    category text, price text, section text, seat_row text, seat text, barcode text, customer_id text,
    first_name text, last_name text, email text, phone text, street text, zip text, city text, country text,
    newsletter text
)
