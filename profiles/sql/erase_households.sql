-- Who lives alone then is of no household.
with left_alone as (
    select household_id
    from profiles_householdmember
    where household_id in (
        select household_id from profiles_householdmember where profile_id = any(:profiles)
    )
    group by household_id
    having count(*) filter (where profile_id <> all(:profiles)) < 2
), emptied as (
    delete from profiles_household where id in (select household_id from left_alone)
)
delete from profiles_householdmember
where profile_id = any(:profiles) or household_id in (select household_id from left_alone)
