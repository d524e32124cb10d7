-- Households that nobody is of.
delete from profiles_household h
where not exists (select from profiles_householdmember m where m.household_id = h.id)
