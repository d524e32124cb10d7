-- What became of every row: something new, something changed, or nothing.
update stage_row s
set outcome = case when found.made then 'created' when found.altered then 'updated' else 'unchanged' end
from (
    select r.number,
        coalesce(l.made, false) or coalesce(e.made, false) or coalesce(not o.existed, false)
            or (r.o is null and coalesce(not p.existed, false)) as made,
        coalesce(l.altered, false) or coalesce(o.changed, false)
            or coalesce(p.changed or not p.existed, false) as altered
    from stage_row r
    left join (
        select number, bool_or(not existed) as made, bool_or(changed) as altered
        from stage_line
        group by number
    ) l on l.number = r.number
    left join (select number, bool_or(fresh) as made from stage_event group by number) e on e.number = r.number
    left join stage_order o on o.o = r.o
    left join stage_person p on p.p = r.p
) found
where found.number = s.number and s.outcome is null
