update profiles_linkconstraint
set reason = ''
where reason <> ''
    and id in (select constraint_id from profiles_linkconstraintrecord where record_id = any(:records))
