-- The contact points that claims hang on.
select distinct kind, value, identifier_id
from stage_identifier
where kind in ('email', 'phone')
