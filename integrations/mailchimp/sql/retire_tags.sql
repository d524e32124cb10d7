-- Shows that are over for long enough lose their tag; one that got further performances has it back.
update mailchimp_showtag show
set ends_at = tag.ends_at,
    removed_at = case when tag.ends_at <= :over_since then coalesce(show.removed_at, statement_timestamp()) end,
    cleared_at = case when tag.ends_at <= :over_since then show.cleared_at end
from profiles_tag tag
where show.connection_id = :connection
  and tag.id = show.tag_id
  and (show.ends_at is distinct from tag.ends_at
       or (tag.ends_at <= :over_since) is distinct from (show.removed_at is not null))
