-- Which of a person's records show which identifiers that prove something, shown by more than one of them.
select ri.identifier_id, array_agg(ri.record_id order by ri.record_id) as records
from profiles_recordidentifier ri
join profiles_identifier i on i.id = ri.identifier_id
join profiles_identifierkind k on k.key = i.kind_id and k.joins
where ri.record_id = any(:records) and (i.state = 'normal' or (i.state = 'shared' and k.shared_joins))
group by ri.identifier_id
having count(*) > 1
