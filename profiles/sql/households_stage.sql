-- Tonight's households, whole.
create temp table if not exists stage_household (
    profile_id bigint primary key, household_id bigint not null, basis varchar(12)[] not null
) on commit delete rows
