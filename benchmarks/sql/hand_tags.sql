insert into profiles_profiletag (profile_id, tag_id, origin, since)
select r.profile_id, d.tag_id, 'orders', min(o.ordered_at)
from profiles_orderline l
join profiles_order o on o.id = l.order_id and o.status = 'paid'
join profiles_sourcerecord r on r.id = o.record_id
join profiles_product d on d.id = l.product_id
group by r.profile_id, d.tag_id
