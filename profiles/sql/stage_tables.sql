-- What a chunk brings, before anything is judged. Temporary: seen by this connection only, empty after
-- every transaction. Columns that ingest fills in later stand last.
create temp table if not exists stage_row (
    number bigint, key uuid, digest uuid, p int, o int,
    outcome text
) on commit delete rows;

create temp table if not exists stage_person (
    p int, external_id text, is_customer bool, observed_at timestamptz,
    given_name text, family_name text, company text, email text, phone text,
    street text, postal_code text, city text, country text, birth_date date, birth_year smallint,
    gender text, language text, attributes jsonb, observed jsonb, name_key text, given_key text,
    first_observed_at timestamptz,
    record_id bigint, profile_id bigint, existed bool not null default false,
    changed bool not null default false, rekeyed bool not null default false
) on commit delete rows;

create temp table if not exists stage_identifier (
    p int, kind text, namespace text, value text, blocked bool,
    identifier_id bigint, fresh bool not null default true
) on commit delete rows;

create temp table if not exists stage_product (
    d int, external_id text, name text, kind text, venue text, starts_at timestamptz, ends_at timestamptz,
    tag_key text, tag_name text,
    product_id bigint
) on commit delete rows;

create temp table if not exists stage_order (
    o int, external_id text, p int, status text, ordered_at timestamptz, currency text, total numeric(14, 2),
    channel text, payment_type text, complete bool, alone bool,
    order_id bigint, record_id bigint, existed bool not null default false,
    changed bool not null default false
) on commit delete rows;

create temp table if not exists stage_line (
    number bigint, o int, key text, d int, status text, starts_at timestamptz, venue text, category text,
    price_type text, quantity int, price numeric(14, 2), fee numeric(14, 2), section text, seat_row text,
    seat text, barcode text, campaign text,
    order_id bigint, line_id bigint, existed bool not null default false,
    changed bool not null default false
) on commit delete rows;

create temp table if not exists stage_event (
    number bigint, p int, message_id text, type text, occurred_at timestamptz, properties jsonb,
    network bytea,
    fresh bool not null default false
) on commit delete rows;

create temp table if not exists stage_membership (
    record_id bigint primary key, profile_id bigint
) on commit delete rows;

truncate stage_row, stage_person, stage_identifier, stage_product, stage_order, stage_line, stage_event,
    stage_membership
