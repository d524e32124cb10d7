-- Rows that waited and have come again since wait no more: the newer row went in, or waits itself.
update profiles_heldrow h
set state = 'overtaken', resolved_at = now()
from stage_row s, profiles_intake i
where h.state in ('held', 'failed') and h.key = replace(s.key::text, '-', '') and s.outcome is not null
    and i.id = h.intake_id and i.source_id = :source and h.intake_id <> :intake
