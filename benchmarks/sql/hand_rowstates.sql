insert into profiles_rowstate (source_id, key, digest, intake_id)
select :source, md5(order_no || '/' || barcode)::uuid, md5(b::text)::uuid, :intake
from bench_raw b
