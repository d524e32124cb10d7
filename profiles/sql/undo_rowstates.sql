-- The same rows may come again and will be judged anew; so will what later deliveries of the source told,
-- for where it only repeated the undone one it wrote nothing of its own.
delete from profiles_rowstate s
using profiles_intake i
where i.id = :intake and s.source_id = i.source_id and s.intake_id >= i.id
