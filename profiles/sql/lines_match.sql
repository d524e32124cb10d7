update stage_line s
set order_id = o.order_id
from stage_order o
where o.o = s.o
