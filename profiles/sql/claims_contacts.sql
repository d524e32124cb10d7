-- The contact points that claims hang on.
select distinct kind, value, identifier_id
from stage_identifier
where p = any(:people) and kind in ('email', 'phone')
