with shows as (
    select event_id, min(event) as name, min(venue) as venue, min(event_time)::timestamptz as starts_at,
        max(event_time)::timestamptz as ends_at
    from bench_raw
    group by event_id
), tags as (
    insert into profiles_tag (key, name, kind, ends_at)
    select 'show:' || lower(name) || ':' || extract(year from starts_at), name || ' ' || extract(year from starts_at),
        'show', ends_at
    from shows
    returning id, key
)
insert into profiles_product (source_id, external_id, name, kind, venue, starts_at, ends_at, tag_id)
select :source, s.event_id, s.name, 'show', s.venue, s.starts_at, s.ends_at, t.id
from shows s
join tags t on t.key = 'show:' || lower(s.name) || ':' || extract(year from s.starts_at)
