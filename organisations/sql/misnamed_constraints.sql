-- Constraints of the schema :clone that mean the same as one of the schema :template on the same
-- table but are called otherwise: the table, what it is called, what it should be called.
select made.relname as "table", ours.conname as "has", theirs.conname as "wants"
from pg_constraint ours
join pg_class made on made.oid = ours.conrelid
join pg_class original on original.relname = made.relname
    and original.relnamespace = (select oid from pg_namespace where nspname = :template)
join pg_constraint theirs on theirs.conrelid = original.oid
    and theirs.contype = ours.contype
    and pg_get_constraintdef(theirs.oid) = pg_get_constraintdef(ours.oid)
where ours.connamespace = (select oid from pg_namespace where nspname = :clone)
    and ours.contype = 'u'
    and ours.conname <> theirs.conname
order by 1, 2
