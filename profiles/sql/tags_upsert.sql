-- Every show becomes a tag; a later performance moves its end.
insert into profiles_tag (key, name, kind, ends_at)
select tag_key, min(tag_name), 'show', max(ends_at)
from stage_product
where tag_key is not null
group by tag_key
order by tag_key
on conflict (key) do update
set ends_at = greatest(profiles_tag.ends_at, excluded.ends_at)
where profiles_tag.ends_at is distinct from greatest(profiles_tag.ends_at, excluded.ends_at)
