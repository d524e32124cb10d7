-- The tags that go along with profiles merged away, and since when the survivor had each itself.
select t.profile_id, t.tag_id, t.origin, t.since::text as since, own.since::text as had
from unnest(:retired::bigint[], :survivors::bigint[]) as m (retired, survivor)
join profiles_profiletag t on t.profile_id = m.retired and t.origin <> 'orders'
left join profiles_profiletag own
    on own.profile_id = m.survivor and own.tag_id = t.tag_id and own.origin = t.origin
order by t.profile_id, t.tag_id, t.origin
