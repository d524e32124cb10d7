-- One batch of comparable values on their way into the tables. `texts` are apart by unit separators.
create temp table if not exists stage_features (
    record_id bigint primary key, digest bigint not null, texts text not null, keys bigint[] not null
) on commit delete rows
