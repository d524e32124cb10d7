-- Tags of shows that are over and that nobody wears any more: their segments can go.
select show.id, show.remote_name, show.remote_id
from mailchimp_showtag show
where show.connection_id = :connection
  and show.removed_at is not null
  and show.cleared_at is null
  and not exists (
      select from mailchimp_audiencemember member
      where member.connection_id = :connection and show.remote_name = any(member.tags_pushed)
  )
order by show.id
limit 20
