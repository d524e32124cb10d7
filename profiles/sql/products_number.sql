update stage_product s
set product_id = p.id
from profiles_product p
where p.source_id = :source and p.external_id = s.external_id
