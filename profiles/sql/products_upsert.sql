-- What was sold. A later performance moves the ends apart; an empty venue wipes nothing.
insert into profiles_product (source_id, external_id, name, kind, venue, starts_at, ends_at, tag_id)
select :source, s.external_id, s.name, s.kind, s.venue, s.starts_at, s.ends_at, t.id
from stage_product s
left join profiles_tag t on t.key = s.tag_key
order by s.external_id
on conflict (source_id, external_id) do update
set name = excluded.name,
    kind = excluded.kind,
    venue = coalesce(nullif(excluded.venue, ''), profiles_product.venue),
    starts_at = least(profiles_product.starts_at, excluded.starts_at),
    ends_at = greatest(profiles_product.ends_at, excluded.ends_at),
    tag_id = coalesce(profiles_product.tag_id, excluded.tag_id)
where (profiles_product.name, profiles_product.kind) is distinct from (excluded.name, excluded.kind)
    or excluded.venue not in ('', profiles_product.venue)
    or profiles_product.starts_at is distinct from least(profiles_product.starts_at, excluded.starts_at)
    or profiles_product.ends_at is distinct from greatest(profiles_product.ends_at, excluded.ends_at)
