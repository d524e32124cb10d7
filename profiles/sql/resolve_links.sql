-- The matcher's links from these records.
select id, record_a_id, record_b_id, weight
from profiles_matchlink
where record_a_id = any(:records) and lifted_by_id is null
