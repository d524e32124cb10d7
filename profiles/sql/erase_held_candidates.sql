-- Rows that wait, or waited once, and may be about somebody: what they look like is judged one by one.
select id, jsonb_build_array(raw, corrected_raw, reasons) as said
from profiles_heldrow
cross join lateral (
    select raw::text || ' ' || coalesce(corrected_raw::text, '') || ' ' || reasons::text as told
) whole
where told like any(:patterns) or lower(told) like any(:patterns)
    or (cardinality(:digits::text[]) > 0 and regexp_replace(told, '\D', '', 'g') like any(:digits))
