-- Whoever was seen behind an address that this person was seen behind, where one of the two is a visitor
-- without a name and the other is known. Not behind addresses of many; not who was there at the same time;
-- not whom a person told apart.
with mine as (
    select s.network, s.record_id, s.first_seen, s.last_seen
    from profiles_networksighting s
    join profiles_sourcerecord r on r.id = s.record_id
    where r.profile_id = :profile and s.last_seen > now() - make_interval(days => :days)
), small as (
    select n.network
    from (select distinct network from mine) n
    where (
        select count(*)
        from (
            select from profiles_networksighting x where x.network = n.network limit :most + 1
        ) counted
    ) <= :most
), pair as (
    select r.profile_id, m.record_id as mine, o.record_id as theirs, m.last_seen as here, o.last_seen as there,
        greatest(m.first_seen, o.first_seen) - make_interval(mins => :minutes) as since,
        least(m.last_seen, o.last_seen) + make_interval(mins => :minutes) as until
    from mine m
    join small using (network)
    join profiles_networksighting o on o.network = m.network
        and o.last_seen > now() - make_interval(days => :days)
    join profiles_sourcerecord r on r.id = o.record_id and r.profile_id <> :profile
    join profiles_profile p on p.id = r.profile_id and p.state = 'active' and p.is_visitor <> :is_visitor
)
select profile_id, max(here) as here, max(there) as there
from pair
where not exists (
    select from profiles_linkconstraint c
    join profiles_linkconstraintrecord one on one.constraint_id = c.id and one.record_id = pair.mine
    join profiles_linkconstraintrecord two on two.constraint_id = c.id and two.record_id = pair.theirs
    where c.kind = 'cannot' and c.lifted_by_id is null and one.side <> two.side
)
group by profile_id
having not bool_or(exists (
    select from profiles_event a
    join profiles_event b on b.record_id = pair.theirs
        and b.occurred_at between a.occurred_at - make_interval(mins => :minutes)
            and a.occurred_at + make_interval(mins => :minutes)
    where a.record_id = pair.mine and a.occurred_at between pair.since and pair.until
))
order by there desc, profile_id
limit :shown
