-- Products of this source that nothing was bought of any more, as far as anybody remembers.
delete from profiles_product p
using profiles_intake i
where i.id = :intake and p.source_id = i.source_id
    and not exists (select from profiles_orderline l where l.product_id = p.id)
    and not exists (select from profiles_lineversion v where (v.values ->> 'product_id')::bigint = p.id)
    and not exists (select from profiles_salesfact f where f.product_id = p.id)
