-- Who was seen behind which network, by the chunk's new events of the last days. What is older is not kept.
insert into profiles_networksighting (network, record_id, first_seen, last_seen)
select e.network, p.record_id, min(least(e.occurred_at, now())), max(least(e.occurred_at, now()))
from stage_event e
join stage_person p on p.p = e.p
where e.fresh and e.network is not null and e.occurred_at > now() - make_interval(days => :days)
group by e.network, p.record_id
order by e.network, p.record_id
on conflict (network, record_id) do update
set first_seen = least(profiles_networksighting.first_seen, excluded.first_seen),
    last_seen = greatest(profiles_networksighting.last_seen, excluded.last_seen)
