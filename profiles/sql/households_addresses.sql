-- Addresses at which several people live now, with their family names. A person's address is the one that won
-- among their records, with street, house number and postal code.
with lives as (
    select p.id, a.values[:street] as street, a.values[:number] as number, a.values[:postal] as postal,
        coalesce(n.values[:family], '') as family
    from profiles_profile p
    join profiles_matchfeatures a on a.record_id = (p.provenance ->> 'address')::bigint
    left join profiles_matchfeatures n on n.record_id = (p.provenance ->> 'name')::bigint
    where p.state = 'active' and not p.is_visitor
)
select array_agg(id order by id) as people, array_agg(family order by id) as families
from lives
where street <> '' and number <> '' and postal <> ''
group by street, number, postal
having count(*) between 2 and :most
