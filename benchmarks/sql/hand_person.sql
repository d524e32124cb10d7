create temp table hand_person as
select distinct on (b.customer_id) b.customer_id, b.first_name, b.last_name, c.email, c.phone, b.street, b.zip,
    b.city, b.country, c.name_key, c.given_key, b.purchased::timestamptz as seen,
    nextval(pg_get_serial_sequence('profiles_sourcerecord', 'id')) as record_id,
    nextval(pg_get_serial_sequence('profiles_profile', 'id')) as profile_id
from bench_raw b
join hand_clean c on c.raw_email is not distinct from b.email and c.raw_phone is not distinct from b.phone
    and c.first_name = b.first_name and c.last_name = b.last_name
order by b.customer_id, b.purchased desc
