-- With a record goes what was said, learnt and asked of it. The foreign keys are checked when all is done.
with gone as materialized (
    select id from profiles_sourcerecord where intake_id = :intake
), said as (
    delete from profiles_linkconstraintrecord where record_id in (select id from gone)
), linked as (
    delete from profiles_matchlink where record_a_id in (select id from gone) or record_b_id in (select id from gone)
), pinned as (
    delete from profiles_pin where record_id in (select id from gone)
), asked as (
    delete from profiles_matchpair where record_a_id in (select id from gone) or record_b_id in (select id from gone)
), compared as (
    delete from profiles_matchfeatures where record_id in (select id from gone)
), keyed as (
    delete from profiles_blockingkey where record_id in (select id from gone)
), seen as (
    delete from profiles_networksighting where record_id in (select id from gone)
)
delete from profiles_sourcerecord where id in (select id from gone)
