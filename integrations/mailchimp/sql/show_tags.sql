-- A tag for every show that somebody bought and that is not over for long. Where the naming rule makes two
-- shows alike, or too long for Mailchimp's 100 characters, the later one carries its number.
with wanted as (
    select tag.id, tag.ends_at, left(replace(:rule, '{name}', tag.name), 100) as name
    from profiles_tag tag
    where tag.kind = 'show'
      and (tag.ends_at is null or tag.ends_at > :over_since)
      and exists (select from profiles_profiletag worn where worn.tag_id = tag.id)
      and not exists (
          select from mailchimp_showtag known
          where known.connection_id = :connection and known.tag_id = tag.id
      )
), numbered as (
    select wanted.*,
           row_number() over (partition by lower(name) order by id) > 1
           or exists (
               select from mailchimp_showtag known
               where known.connection_id = :connection and lower(known.remote_name) = lower(wanted.name)
           ) as taken
    from wanted
)
insert into mailchimp_showtag (connection_id, tag_id, remote_name, ends_at)
select :connection, id, case when taken then left(name, 88) || ' #' || id else name end, ends_at
from numbered
