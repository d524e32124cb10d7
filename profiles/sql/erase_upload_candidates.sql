-- Uploaded tables of links that may name somebody.
select id
from profiles_linkupload
cross join lateral (select rows::text as told) whole
where emptied_at is null
    and (
        told like any(:patterns) or lower(told) like any(:patterns)
        or (cardinality(:digits::text[]) > 0 and regexp_replace(told, '\D', '', 'g') like any(:digits))
    )
