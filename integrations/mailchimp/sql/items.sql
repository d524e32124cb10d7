-- The plan's contacts. A no goes out first, then who is raised (while what the pull showed is fresh).
insert into mailchimp_planitem (
    plan_id, identifier_id, profile_id, action, "order", basket, reason, desired, state, attempts, error
)
select :plan, identifier_id, profile_id, action,
       array_position(array['unsubscribe', 'raise', 'archive', 'add', 'update', 'tag', 'untag', 'skip'], action),
       basket, reason,
       jsonb_strip_nulls(jsonb_build_object(
           'status', status, 'status_if_new', status_if_new, 'hash', hash, 'fields', fields,
           'tags', to_jsonb(tags), 'tag', to_jsonb(tag), 'untag', to_jsonb(untag)
       )),
       case action when 'skip' then 'done' else 'pending' end, 0, ''
from mailchimp_step
