-- Whose values must be computed anew, and who won each of them. All that an act about a few people needs,
-- hence apart from the other staging tables: emptying a table at every commit has its price.
create temp table if not exists stage_touched (
    profile_id bigint primary key, recast bool not null default true
) on commit delete rows;

create temp table if not exists stage_winner (
    profile_id bigint primary key, name_id bigint, email_id bigint, phone_id bigint, address_id bigint,
    company_id bigint, birth_id bigint, gender_id bigint, language_id bigint, country_id bigint
) on commit delete rows;

delete from stage_touched
