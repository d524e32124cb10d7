select outcome, count(*)
from stage_row
group by outcome
